-- Whom to address on a day, by the rules that people edit: what a visitor did in the days that a rule looks back on,
-- the day itself included. Who orders and views most, and lately, comes first; a rule takes so many and no more.
-- Only visitors whose whole look-back reaches a rule's least are spread over days, which keeps the spread small.
-- grain: one row a day, rule and visitor
-- key: day, rule_id, visitor
-- reads: visitor_days, daily_metrics, crm_rule
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
        rule.days,
        rule.least_views,
        rule.least_carts,
        rule.least_orders,
        days.visitor,
        days.day,
        days.page_views,
        days.carts,
        days.orders
    from visitor_days as days
    inner join crm_rule as rule on days.day > %(first_day)s - rule.days
    where
        days.day between %(first_day)s - %(look_back)s and %(last_day)s
        and (
            (rule.least_views > 0 and days.page_views > 0)
            or (rule.least_carts > 0 and days.carts > 0)
            or (rule.least_orders > 0 and days.orders > 0)
        )
),

candidates as (
    select
        rule_id,
        visitor
    from reach
    group by rule_id, visitor
    having
        sum(page_views) >= min(least_views)
        and sum(carts) >= min(least_carts)
        and sum(orders) >= min(least_orders)
),

spread as (
    select
        rule.id as rule_id,
        daily_metrics.day,
        days.visitor,
        cast(sum(days.page_views) as bigint) as page_views,
        cast(sum(days.carts) as bigint) as carts,
        cast(sum(days.orders) as bigint) as orders,
        max(days.day) as last_day
    from candidates
    inner join crm_rule as rule on candidates.rule_id = rule.id
    inner join visitor_days as days on candidates.visitor = days.visitor
    inner join daily_metrics on days.day <= daily_metrics.day and days.day > daily_metrics.day - rule.days
    where
        days.day between %(first_day)s - %(look_back)s and %(last_day)s
        and daily_metrics.day between %(first_day)s and %(last_day)s
    group by rule.id, daily_metrics.day, days.visitor
    having
        sum(days.page_views) >= min(rule.least_views) and sum(days.page_views) <= min(rule.most_views)
        and sum(days.carts) >= min(rule.least_carts) and sum(days.carts) <= min(rule.most_carts)
        and sum(days.orders) >= min(rule.least_orders) and sum(days.orders) <= min(rule.most_orders)
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
        spread.orders
    from spread
)

select
    ranked.visitor,
    ranked.day,
    ranked.rule_id,
    ranked.rank,
    ranked.page_views,
    ranked.carts,
    ranked.orders
from ranked
inner join crm_rule as rule on ranked.rule_id = rule.id
where ranked.rank <= rule.cap
