-- What the units of the statement did that counts.
-- grain: one row a unit and source; key: (unit_id, source); reads: unit_activity
select
    arm,
    bucket,
    unit_id,
    source,
    events,
    amount,
    delay
from unit_activity
