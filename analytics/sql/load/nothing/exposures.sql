-- No experiments: what an imported log has.
-- grain: no row
-- key: none
-- reads: nothing
select
    cast(0 as bigint) as run_id,
    cast(0 as bigint) as visitor,
    cast(0 as bigint) as variant_id,
    cast(0 as bigint) as at_ms
where 1 = 0
