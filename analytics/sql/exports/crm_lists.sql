-- Who met the rules in use on the last built day, the foremost first, and no more than may be held in memory.
-- grain: one row a rule and visitor; key: rule, unit; reads: warehouse.analytics_crmtarget, warehouse.analytics_crmrule,
-- warehouse.analytics_namekey
select
    rule.key as rule,
    array_agg(named.name order by target.rank) as units
from warehouse.analytics_crmtarget as target
inner join warehouse.analytics_crmrule as rule on target.rule_id = rule.id
inner join warehouse.analytics_namekey as named
    on named.dataset_id = target.dataset_id and named.kind = 'visitor' and target.visitor = named.number
where
    target.dataset_id = %(dataset_id)s and target.day = %(day)s
    and rule.is_active and target.rank <= %(most)s
group by rule.key
