-- Imported logs whose lines are not all there, as raw rows, refused lines or headings. Asked in full builds only.
-- grain: one row a dataset
-- key: none
-- reads: warehouse.analytics_importfile, warehouse.analytics_rejectedline, warehouse.analytics_rawretailrocketevent, warehouse.analytics_rawretailrocketcategory, warehouse.analytics_rawretailrocketproperty, warehouse.analytics_rawcdnowpurchase, warehouse.analytics_rawopenbanditimpression
-- severity: block
-- owner: admin
-- action: Delete the dataset and import its files again: rows were changed by other hands than the importer's.
-- holds: kpis, exports, decisions
-- forms: retailrocket, cdnow, open_bandit
with files as (
    select
        coalesce(sum(lines), 0) as lines,
        coalesce(sum(rejected), 0) as rejected,
        count(*) filter (where lines > 0) as files
    from warehouse.analytics_importfile
    where dataset_id = %(dataset_id)s
),

kept as (
    select
        (select count(*) from warehouse.analytics_rawretailrocketevent where dataset_id = %(dataset_id)s)
        + (select count(*) from warehouse.analytics_rawretailrocketcategory where dataset_id = %(dataset_id)s)
        + (select count(*) from warehouse.analytics_rawretailrocketproperty where dataset_id = %(dataset_id)s)
        + (select count(*) from warehouse.analytics_rawcdnowpurchase where dataset_id = %(dataset_id)s)
        + (select count(*) from warehouse.analytics_rawopenbanditimpression where dataset_id = %(dataset_id)s)
            as rows_kept,
        (select count(*) from warehouse.analytics_rejectedline where dataset_id = %(dataset_id)s) as refused
    where %(is_whole)s
)

select
    cast(null as integer) as day,
    cast(null as text) as event,
    cast(null as bigint) as run_id,
    files.lines,
    files.rejected,
    kept.refused,
    kept.rows_kept
from files
cross join kept
where
    files.files > 0
    and (
        files.rejected <> kept.refused
        -- A file's heading is a line, too; CDNOW's may lack it.
        or files.lines - files.rejected - kept.rows_kept not between 0 and files.files
    )
