-- The variants of running and paused runs, whose exposures are taken.
-- grain: one row a variant; key: variant_id
-- reads: experiments_experiment, experiments_feature, experiments_run, experiments_variant
select
    experiment.key as experiment,
    feature.key as feature,
    variant.key as variant,
    run.id as run_id,
    variant.id as variant_id,
    run.started_at
from experiment.experiments_experiment as experiment
inner join experiment.experiments_feature as feature on experiment.feature_id = feature.id
inner join experiment.experiments_run as run
    on experiment.id = run.experiment_id and experiment.run_number = run.number
inner join experiment.experiments_variant as variant on experiment.id = variant.experiment_id
where experiment.status in ('running', 'paused')
order by experiment.key, variant.position
