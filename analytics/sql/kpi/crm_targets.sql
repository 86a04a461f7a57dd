-- Whom to address on a day, by the rules that people edit: what a visitor did in the days that a rule looks back on,
-- the day itself included. Who orders and views most, and lately, comes first; a rule takes so many and no more.
-- Only visitors whose whole look-back reaches a rule's least are spread over days, which keeps the spread small.
-- grain: one row a day, rule and visitor
-- key: day, rule_id, visitor
-- reads: visitor_days, daily_metrics, crm_rule, crm_look_back
-- writes: warehouse.analytics_crmtarget by day
-- column visitor: number of the visitor
-- column day: days since 1970-01-01 in the dataset's zone
-- column rule_id: the rule
-- column rank: place among the rule's visitors of the day, from 1
-- column page_views: pages that the visitor saw in the days looked back on
-- column carts: times something was put into the cart
-- column orders: orders, by the purchase events
with reach as (
    select
        rule.id as rule_id,
        days.visitor,
        sum(days.page_views) as page_views,
        sum(days.carts) as carts,
        sum(days.orders) as orders
    from visitor_days as days
    inner join crm_rule as rule on days.day > %(first_day)s - rule.days
    where
        days.day between %(first_day)s - %(look_back)s and %(last_day)s
        and (
            (rule.least_views > 0 and days.page_views > 0)
            or (rule.least_carts > 0 and days.carts > 0)
            or (rule.least_orders > 0 and days.orders > 0)
        )
    group by rule.id, days.visitor
),

candidates as (
    select
        reach.rule_id,
        reach.visitor
    from reach
    inner join crm_rule as rule on reach.rule_id = rule.id
    where
        reach.page_views >= rule.least_views and reach.carts >= rule.least_carts and reach.orders >= rule.least_orders
),

spread as (
    select
        candidates.rule_id,
        daily_metrics.day,
        days.visitor,
        cast(sum(days.page_views) as bigint) as page_views,
        cast(sum(days.carts) as bigint) as carts,
        cast(sum(days.orders) as bigint) as orders,
        max(days.day) as last_day
    from candidates
    inner join visitor_days as days on candidates.visitor = days.visitor
    inner join crm_look_back as look_back on candidates.rule_id = look_back.rule_id
    inner join daily_metrics on days.day + look_back.days_before = daily_metrics.day
    where
        days.day between %(first_day)s - %(look_back)s and %(last_day)s
        and daily_metrics.day between %(first_day)s and %(last_day)s
    group by candidates.rule_id, daily_metrics.day, days.visitor
),

ranked as (
    select
        spread.visitor,
        spread.day,
        spread.rule_id,
        cast(
            row_number() over (
                partition by spread.day, spread.rule_id
                order by spread.orders desc, spread.last_day desc, spread.page_views desc, spread.visitor
            ) as integer
        ) as rank,
        spread.page_views,
        spread.carts,
        spread.orders,
        rule.cap
    from spread
    inner join crm_rule as rule on spread.rule_id = rule.id
    where
        spread.page_views between rule.least_views and rule.most_views
        and spread.carts between rule.least_carts and rule.most_carts
        and spread.orders between rule.least_orders and rule.most_orders
)

select
    visitor,
    day,
    rule_id,
    rank,
    page_views,
    carts,
    orders
from ranked
where rank <= cap
