-- The frozen designs that are being served, with the allotment of their present phase.
-- grain: one row a running experiment; key: run_id
-- reads: experiments_experiment, experiments_run, experiments_phase
select
    run.id as run_id,
    run.snapshot,
    present.number as phase,
    present.allotment
from experiment.experiments_experiment as experiment
inner join experiment.experiments_run as run
    on experiment.id = run.experiment_id and experiment.run_number = run.number
inner join lateral (
    select
        phase.number,
        phase.paused,
        phase.allotment
    from experiment.experiments_phase as phase
    where phase.run_id = run.id
    order by phase.number desc
    limit 1
) as present on true
where experiment.status = 'running' and not present.paused
order by run.id
