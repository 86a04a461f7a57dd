-- Exposures in a variant that the unit's bucket is not assigned to, in any phase of the run that had begun by then.
-- grain: one row an exposure
-- key: run_id, unit, variant_id
-- reads: zone_offset, experiment.experiments_exposure, assigned_variant
-- severity: block
-- owner: lead
-- action: Find the program that assigns by itself. Do not decide on this run: its groups are no random ones.
-- holds: decisions
-- forms: received
with exposed as (
    select
        exposure.run_id,
        cast(exposure.unit_id as text) as unit,
        exposure.variant_id,
        cast(
            (exposure.at_ms + zone.offset_ms - mod(exposure.at_ms + zone.offset_ms, 86400000)) / 86400000 as integer
        ) as day
    from (
        select
            run_id,
            unit_id,
            variant_id,
            cast(floor(extract(epoch from exposed_at) * 1000) as bigint) as at_ms
        from experiment.experiments_exposure
        where exposed_at >= %(since)s and exposed_at < %(until)s
    ) as exposure
    inner join zone_offset as zone on exposure.at_ms >= zone.from_ms and exposure.at_ms < zone.until_ms
)

select
    exposed.day,
    cast(null as text) as event,
    exposed.run_id,
    exposed.unit,
    exposed.variant_id
from exposed
left join assigned_variant as assigned
    on exposed.run_id = assigned.run_id and exposed.unit = assigned.unit and exposed.variant_id = assigned.variant_id
where exposed.day between %(first_day)s and %(last_day)s and assigned.unit is null
