-- The frozen designs that are being served.
-- grain: one row a running experiment; key: run_id; reads: experiments_experiment, experiments_run
select
    run.id as run_id,
    run.snapshot
from experiment.experiments_experiment as experiment
inner join experiment.experiments_run as run
    on experiment.id = run.experiment_id and experiment.run_number = run.number
where experiment.status = 'running'
order by run.id
