-- Whom to address on the report's day, by rule and rank.
-- grain: one row a rule and visitor; key: rule, unit; reads: warehouse.analytics_crmtarget, warehouse.analytics_crmrule,
-- warehouse.analytics_namekey
select
    date '1970-01-01' + target.day as day,
    coalesce(rule.key, cast(target.rule_id as text)) as rule,
    target.rank,
    coalesce(named.name, cast(target.visitor as text)) as unit,
    target.page_views,
    target.carts,
    target.orders
from warehouse.analytics_crmtarget as target
left join warehouse.analytics_crmrule as rule on target.rule_id = rule.id
left join warehouse.analytics_namekey as named
    on named.dataset_id = target.dataset_id and named.kind = 'visitor' and target.visitor = named.number
where target.dataset_id = %(dataset_id)s and target.day = %(day)s
order by rule.key, target.rank
