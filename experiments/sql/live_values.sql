-- Every feature with its live default value, its switch and its targeted values.
-- grain: one row a feature; key: feature; reads: experiments_feature, experiments_featurerevision
select
    feature.key as feature,
    feature.team_id as team,
    feature.value_type,
    feature.enabled,
    feature.targets,
    live.number as revision,
    live.value
from experiment.experiments_feature as feature
inner join lateral (
    select revision.number, revision.value
    from experiment.experiments_featurerevision as revision
    where revision.feature_id = feature.id
    order by revision.number desc
    limit 1
) as live on true
order by feature.key
