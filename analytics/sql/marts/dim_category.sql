-- The category tree, each category with its root; what hangs below itself or below nothing known is left out.
-- grain: one row a category
-- key: category
-- reads: loaded_categories
-- writes: warehouse.analytics_dimcategory whole
-- column category: number of the category
-- column parent: the category above; empty at the top
-- column root: the category at the top above it
-- column depth: steps below the root, from 0
with recursive tree as (
    select
        category,
        parent,
        category as root,
        0 as depth
    from loaded_categories
    where parent is null
    union all
    select
        below.category,
        below.parent,
        tree.root,
        tree.depth + 1 as depth
    from loaded_categories as below
    inner join tree on below.parent = tree.category
)

select
    category,
    parent,
    root,
    depth
from tree
