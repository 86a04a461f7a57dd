-- Units of the benchmark's run, each exposed once.
-- grain: one row a unit; writes: experiments_exposure
insert into experiment.experiments_exposure (run_id, unit_id, variant_id, exposed_at, received_at)
select
    %(run_id)s,
    'unit-' || unit,
    (%(variants)s::bigint [])[1 + unit %% cardinality(%(variants)s::bigint [])],
    %(start)s::timestamptz + ((unit::bigint * 7919) %% %(seconds)s) * interval '1 second',
    now()
from generate_series(%(first)s::integer, %(last)s::integer) as unit
