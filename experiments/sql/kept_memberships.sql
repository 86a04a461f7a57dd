-- Of the live runs, which exposed units stay on which CRM lists.
-- grain: one row a run and set of lists; key: run_id, lists
-- reads: experiments_keptmembership, experiments_run, experiments_experiment
select
    kept.run_id,
    kept.lists,
    array_agg(kept.unit_id) as units
from experiment.experiments_experiment as experiment
inner join experiment.experiments_run as run
    on experiment.id = run.experiment_id and experiment.run_number = run.number
inner join experiment.experiments_keptmembership as kept on run.id = kept.run_id
where experiment.status in ('running', 'paused')
group by kept.run_id, kept.lists
