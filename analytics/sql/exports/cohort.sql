-- Cohorts by week up to the week of the report's day, with the size of each.
-- grain: one row a cohort and week; key: cohort, week; reads: warehouse.analytics_cohortweek
select
    date '1970-01-01' + cell.cohort_day as cohort,
    date '1970-01-01' + cell.week_day as week,
    (cell.week_day - cell.cohort_day) / 7 as weeks_since,
    first.visitors as cohort_visitors,
    cell.visitors,
    cell.buyers,
    cell.reorderers
from warehouse.analytics_cohortweek as cell
left join warehouse.analytics_cohortweek as first
    on
        first.dataset_id = cell.dataset_id
        and cell.cohort_day = first.cohort_day
        and first.week_day = first.cohort_day
where cell.dataset_id = %(dataset_id)s and cell.week_day <= %(week_day)s
order by cell.cohort_day, cell.week_day
