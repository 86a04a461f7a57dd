-- Days with a rate below 0 or above 1, or a negative count.
-- grain: one row a day and rate
-- key: day, rate
-- reads: daily_metrics, funnel_daily
-- severity: block
-- owner: admin
-- action: Build the day again. If it stays, the SQL of the KPIs is wrong: do not use the day's figures.
-- holds: exports
with rates as (
    select
        daily.day,
        rate.name,
        rate.top,
        rate.below
    from daily_metrics as daily
    cross join lateral (values
        ('ctr', daily.clickers, daily.visitors),
        ('cart_rate', daily.carters, daily.visitors),
        ('cvr', daily.buyers, daily.visitors),
        ('click_cvr', daily.clicking_buyers, daily.clickers),
        ('bounce_rate', daily.bounces, daily.sessions),
        ('visitors', 0, daily.visitors),
        ('orders_of_buyers', daily.buyers, daily.orders)
    ) as rate (name, top, below)
    union all
    select
        funnel.day,
        rate.name,
        rate.top,
        rate.below
    from funnel_daily as funnel
    cross join lateral (values
        ('viewers', funnel.viewers, funnel.visitors),
        ('carters', funnel.carters, funnel.visitors),
        ('buyers', funnel.buyers, funnel.visitors),
        ('viewing_carters', funnel.viewing_carters, funnel.viewers),
        ('viewing_carting_buyers', funnel.viewing_carting_buyers, funnel.viewing_carters)
    ) as rate (name, top, below)
)

select
    day,
    cast(null as text) as event,
    cast(null as bigint) as run_id,
    name as rate,
    top as numerator,
    below as denominator
from rates
where day between %(first_day)s and %(last_day)s and (top < 0 or below < 0 or top > below)
