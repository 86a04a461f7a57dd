-- Before the CRM lists change: keep, for runs whose audience asks for them, on which lists the exposed units are now.
-- Only units that are on a list now or will be next matter; who has a row keeps it.
-- grain: one row a run and unit; key: run_id, unit_id; writes: experiments_keptmembership
-- reads: experiments_exposure, experiments_crmmember, experiments_run, experiments_experiment
with concerned as (
    select run.id as run_id
    from experiment.experiments_experiment as experiment
    inner join experiment.experiments_run as run
        on experiment.id = run.experiment_id and experiment.run_number = run.number
    where
        experiment.status in ('running', 'paused')
        and run.snapshot ->> 'condition' like '%%"crm_targets"%%'
),

present as (
    select
        unit_id,
        array_agg(crm_list_id order by crm_list_id) as lists
    from experiment.experiments_crmmember
    group by unit_id
),

touched as (
    select unit_id
    from present
    union
    select unnest(%(units)s::text []) as unit_id
)

insert into experiment.experiments_keptmembership (run_id, unit_id, lists)
select distinct
    exposure.run_id,
    exposure.unit_id,
    coalesce(present.lists, '{}') as lists
from concerned
inner join experiment.experiments_exposure as exposure on concerned.run_id = exposure.run_id
inner join touched on exposure.unit_id = touched.unit_id
left join present on exposure.unit_id = present.unit_id
on conflict (run_id, unit_id) do nothing
