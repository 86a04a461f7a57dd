"""Every study's rates are within Monte-Carlo error of nominal."""

import pytest

from analytics.stats.calibration import STUDIES, table


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: f"{study.__module__.rpartition('.')[2]}-{study.__name__}")
def test_error_rates_are_nominal(study):
    checks = study()
    assert checks
    assert all(check.agrees for check in checks), "\n" + table([check for check in checks if not check.agrees])
