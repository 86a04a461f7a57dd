-- Units of experiments with their first exposure in each variant.
-- grain: one row a run, unit and variant
-- key: run_id, visitor, variant_id
-- reads: loaded_exposures, zone_offset
-- writes: warehouse.analytics_experimentunit by day
-- column run_id: the experiment's run
-- column visitor: number of the unit
-- column variant_id: the variant that was seen
-- column exposed_ms: when it was seen first, in milliseconds since 1970
-- column day: its day, in days since 1970-01-01 in the dataset's zone
with timed as (
    select
        loaded.run_id,
        loaded.visitor,
        loaded.variant_id,
        loaded.at_ms,
        cast(
            (loaded.at_ms + zone.offset_ms - mod(loaded.at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
        ) as day
    from loaded_exposures as loaded
    inner join zone_offset as zone on loaded.at_ms >= zone.from_ms and loaded.at_ms < zone.until_ms
)

select
    run_id,
    visitor,
    variant_id,
    at_ms as exposed_ms,
    day
from timed
where day between %(first_day)s and %(last_day)s
