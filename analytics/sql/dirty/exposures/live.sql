-- Exposures stored of each day, as many as there are now.
-- grain: one row a day
-- key: day
-- reads: experiment.experiments_exposure, zone_offset
select
    day,
    count(*) as number
from (
    select
        cast(
            (at_ms + zone.offset_ms - mod(at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
        ) as day
    from (
        select cast(floor(extract(epoch from exposed_at) * 1000) as bigint) as at_ms
        from experiment.experiments_exposure
        where exposed_at >= %(since)s and exposed_at < %(until)s
    ) as exposure
    inner join zone_offset as zone on exposure.at_ms >= zone.from_ms and exposure.at_ms < zone.until_ms
) as placed
where day between %(first_day)s and %(last_day)s
group by day
