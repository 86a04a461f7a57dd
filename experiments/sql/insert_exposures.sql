-- Store first exposures; return those that were new.
-- grain: one row a unit and variant of a run; key: (run_id, unit_id, variant_id); writes: experiments_exposure
insert into experiment.experiments_exposure (run_id, unit_id, variant_id, exposed_at, received_at)
select run_id, unit_id, variant_id, exposed_at, now()
from unnest(
    %(runs)s::bigint [],
    %(units)s::text [],
    %(variants)s::bigint [],
    %(times)s::timestamptz []
) as new (run_id, unit_id, variant_id, exposed_at)
order by run_id, unit_id, variant_id
on conflict do nothing
returning run_id, unit_id, variant_id
