-- Add what is new to the minutes in which it happened; where a unit's exposures changed, its earlier events move along.
-- grain: one row a minute, run, variant and feature; key: the same
-- writes: analytics_livewindow; reads: pg_temp.step_event, pg_temp.step_unit, experiments_event
with run as (
    select
        run_id,
        feature,
        pauses::tstzmultirange as pauses
    from unnest(%(run_ids)s::bigint [], %(features)s::text [], %(pauses)s::text [])
        as given (run_id, feature, pauses)
),

-- Of all events and of one feature's: everybody's of each feature, a run's of its own.
scope as (
    select
        0 as run_id,
        feature
    from unnest(array[''] || %(known_features)s::text []) as known (feature)
    union all
    select
        run.run_id,
        own.feature
    from run
    cross join lateral (values (''), (run.feature)) as own (feature)
),

new_event as (
    select
        unit_id,
        name,
        occurred_at,
        amount,
        coalesce(properties ->> 'feature', properties ->> 'component') as feature
    from pg_temp.step_event
    where name in ('impression', 'click', 'purchase') and occurred_at >= %(windows_from)s
),

of_unit as (
    select
        unit.run_id,
        unit.variant_id,
        event.name,
        event.occurred_at,
        event.amount,
        event.feature,
        1 as sign,
        true as is_new
    from new_event as event
    inner join pg_temp.step_unit as unit on event.unit_id = unit.unit_id
    where not unit.is_changed and event.occurred_at >= unit.exposed_at
    union all
    select
        unit.run_id,
        side.variant_id,
        event.name,
        event.occurred_at,
        event.amount,
        coalesce(event.properties ->> 'feature', event.properties ->> 'component'),
        side.sign,
        not pg_visible_in_snapshot(event.tx, %(read)s::pg_snapshot)
    from pg_temp.step_unit as unit
    cross join lateral (
        select
            stored.name,
            stored.occurred_at,
            stored.amount,
            stored.properties,
            stored.tx
        from experiment.experiments_event as stored
        where
            stored.unit_id = unit.unit_id
            and stored.name in ('impression', 'click', 'purchase')
            and stored.occurred_at >= greatest(%(windows_from)s, %(earliest)s)
            and pg_visible_in_snapshot(stored.tx, %(to)s::pg_snapshot)
        offset 0
    ) as event
    cross join lateral (
        values
        (1, unit.variant_id, unit.exposed_at, true),
        (-1, unit.was_variant_id, unit.was_exposed_at, pg_visible_in_snapshot(event.tx, %(read)s::pg_snapshot))
    ) as side (sign, variant_id, exposed_at, counts)
    where
        unit.is_changed
        and event.occurred_at >= side.exposed_at
        and side.variant_id is not null
        and side.counts
),

counted as (
    select
        0 as run_id,
        0 as variant_id,
        feature,
        date_trunc('minute', occurred_at) as starts_at,
        count(*) filter (where name = 'impression') as impressions,
        count(*) filter (where name = 'click') as clicks,
        count(*) filter (where name = 'purchase') as orders,
        sum(amount) filter (where name = 'purchase') as revenue,
        count(*) as new
    from new_event
    group by feature, starts_at
    union all
    select
        of_unit.run_id,
        of_unit.variant_id,
        of_unit.feature,
        date_trunc('minute', of_unit.occurred_at) as starts_at,
        sum(of_unit.sign) filter (where of_unit.name = 'impression'),
        sum(of_unit.sign) filter (where of_unit.name = 'click'),
        sum(of_unit.sign) filter (where of_unit.name = 'purchase'),
        sum(of_unit.sign * of_unit.amount) filter (where of_unit.name = 'purchase'),
        count(*) filter (where of_unit.is_new and of_unit.sign > 0)
    from of_unit
    inner join run on of_unit.run_id = run.run_id
    where not of_unit.occurred_at <@ run.pauses
    group by of_unit.run_id, of_unit.variant_id, of_unit.feature, starts_at
)

insert into warehouse.analytics_livewindow as known (
    starts_at, run_id, variant_id, feature, impressions, clicks, orders, revenue, late
)
select
    counted.starts_at,
    counted.run_id,
    counted.variant_id,
    scope.feature,
    coalesce(sum(counted.impressions), 0),
    coalesce(sum(counted.clicks), 0),
    coalesce(sum(counted.orders), 0),
    coalesce(sum(counted.revenue), 0),
    coalesce(sum(counted.new) filter (where counted.starts_at + '1 minute' <= %(watermark)s), 0)
from counted
inner join scope
    on counted.run_id = scope.run_id and (scope.feature = '' or counted.feature = scope.feature)
group by counted.starts_at, counted.run_id, counted.variant_id, scope.feature
on conflict (starts_at, run_id, variant_id, feature) do update set
    impressions = known.impressions + excluded.impressions,
    clicks = known.clicks + excluded.clicks,
    orders = known.orders + excluded.orders,
    revenue = known.revenue + excluded.revenue,
    late = known.late + excluded.late
