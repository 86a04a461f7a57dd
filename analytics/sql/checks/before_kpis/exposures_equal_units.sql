-- Runs whose units in the marts are not the exposures of the day.
-- The day that goes on is left out: it grows while it is built.
-- grain: one row a run and day
-- key: run_id, day
-- reads: zone_offset, experiment.experiments_exposure, experiment_units
-- severity: block
-- owner: admin
-- action: Build the day again; exposures that came while it was built are in then.
-- holds: exports, decisions
-- forms: received
with exposed as (
    select
        timed.run_id,
        timed.day,
        count(*) as exposures
    from (
        select
            moments.run_id,
            cast(
                (moments.at_ms + zone.offset_ms - mod(moments.at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
            ) as day
        from (
            select
                run_id,
                cast(floor(extract(epoch from exposed_at) * 1000) as bigint) as at_ms
            from experiment.experiments_exposure
            where exposed_at >= %(since)s and exposed_at < %(until)s
        ) as moments
        inner join zone_offset as zone on moments.at_ms >= zone.from_ms and moments.at_ms < zone.until_ms
    ) as timed
    where timed.day between %(first_day)s and %(last_day)s
    group by timed.run_id, timed.day
),

kept as (
    select
        run_id,
        day,
        count(*) as units
    from experiment_units
    where day between %(first_day)s and %(last_day)s
    group by run_id, day
)

select
    coalesce(exposed.day, kept.day) as day,
    cast(null as text) as event,
    coalesce(exposed.run_id, kept.run_id) as run_id,
    coalesce(exposed.exposures, 0) as exposures,
    coalesce(kept.units, 0) as units
from exposed
full outer join kept on exposed.run_id = kept.run_id and exposed.day = kept.day
where coalesce(exposed.day, kept.day) < %(today)s and coalesce(exposed.exposures, 0) <> coalesce(kept.units, 0)
