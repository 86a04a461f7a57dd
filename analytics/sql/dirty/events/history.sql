-- Events of the simulated history of each day.
-- grain: one row a day
-- key: day
-- reads: warehouse.simulation_historyevent, zone_offset
select
    day,
    count(*) as number
from (
    select
        cast(
            (at_ms + zone.offset_ms - mod(at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
        ) as day
    from (
        select cast(floor(extract(epoch from occurred_at) * 1000) as bigint) as at_ms
        from warehouse.simulation_historyevent
        where occurred_at >= %(since)s and occurred_at < %(until)s
    ) as event
    inner join zone_offset as zone on event.at_ms >= zone.from_ms and event.at_ms < zone.until_ms
) as placed
where day between %(first_day)s and %(last_day)s
group by day
