-- The category tree as the log gives it; of two lines of one category the later holds.
-- grain: one row a category
-- key: category
-- reads: warehouse.analytics_rawretailrocketcategory
select
    category,
    parent
from (
    select
        category,
        parent,
        row_number() over (partition by category order by line desc) as place
    from warehouse.analytics_rawretailrocketcategory
    where dataset_id = %(dataset_id)s
) as lines
where place = 1
