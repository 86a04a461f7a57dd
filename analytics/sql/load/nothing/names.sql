-- No texts: what a form with numbers of its own has.
-- grain: no row
-- key: none
-- reads: nothing
select
    cast('' as text) as kind,
    cast('' as text) as name
where 1 = 0
