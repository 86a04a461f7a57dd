-- Cells of cohorts with a retention or re-order rate above 1.
-- grain: one row a cohort and week
-- key: cohort_day, day
-- reads: cohort_weekly
-- severity: block
-- owner: admin
-- action: Build the cohort's weeks again. If it stays, do not use the cohorts.
-- holds: exports
select
    greatest(cell.week_day, %(first_day)s) as day,
    cast(null as text) as event,
    cast(null as bigint) as run_id,
    cell.cohort_day,
    cell.visitors,
    cell.buyers,
    cell.reorderers,
    coalesce(first.visitors, 0) as cohort
from cohort_weekly as cell
left join cohort_weekly as first on cell.cohort_day = first.cohort_day and first.week_day = first.cohort_day
where
    cell.week_day between %(first_day)s - 6 and %(last_day)s
    and (
        cell.visitors < 0 or cell.buyers > cell.visitors or cell.reorderers > cell.buyers
        or cell.visitors > coalesce(first.visitors, 0)
    )
