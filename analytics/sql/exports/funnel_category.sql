-- The funnel of each category on the report's day, by the category's own text where it has one.
-- grain: one row a category; key: category; reads: warehouse.analytics_funnelcategoryday, warehouse.analytics_namekey
select
    date '1970-01-01' + funnel.day as day,
    coalesce(named.name, cast(funnel.category as text)) as category,
    coalesce(root.name, cast(funnel.root as text)) as root,
    funnel.visitors,
    funnel.viewers,
    funnel.carters,
    funnel.buyers,
    funnel.views,
    funnel.carts,
    funnel.purchases
from warehouse.analytics_funnelcategoryday as funnel
left join warehouse.analytics_namekey as named
    on named.dataset_id = funnel.dataset_id and named.kind = 'category' and funnel.category = named.number
left join warehouse.analytics_namekey as root
    on root.dataset_id = funnel.dataset_id and root.kind = 'category' and funnel.root = root.number
where funnel.dataset_id = %(dataset_id)s and funnel.day = %(day)s
order by funnel.category
