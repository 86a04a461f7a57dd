-- Days whose daily metrics do not add up to their facts.
-- grain: one row a day
-- key: day
-- reads: fact_events, fact_sessions, daily_metrics
-- severity: block
-- owner: admin
-- action: Build the day again.
-- holds: exports
with events as (
    select
        day,
        sum(case when event = 'page_view' then 1 else 0 end) as page_views,
        sum(case when event = 'purchase' then coalesce(amount_minor, 0) else 0 end) as revenue_minor
    from fact_events
    where day between %(first_day)s and %(last_day)s
    group by day
),

sessions as (
    select
        day,
        count(*) as sessions,
        -- A visitor's first session of a day has the number 1.
        sum(case when session = 1 then 1 else 0 end) as visitors
    from fact_sessions
    where day between %(first_day)s and %(last_day)s
    group by day
),

facts as (
    select
        coalesce(events.day, sessions.day) as day,
        sessions.visitors,
        sessions.sessions,
        events.page_views,
        events.revenue_minor
    from events
    full outer join sessions on events.day = sessions.day
),

kpis as (
    select
        day,
        visitors,
        sessions,
        page_views,
        revenue_minor
    from daily_metrics
    where day between %(first_day)s and %(last_day)s
)

select
    coalesce(facts.day, kpis.day) as day,
    cast(null as text) as event,
    cast(null as bigint) as run_id,
    facts.visitors as visitors_of_facts,
    kpis.visitors,
    facts.sessions as sessions_of_facts,
    kpis.sessions,
    facts.page_views as page_views_of_facts,
    kpis.page_views,
    facts.revenue_minor as revenue_of_facts,
    kpis.revenue_minor
from facts
full outer join kpis on facts.day = kpis.day
where
    facts.visitors is distinct from kpis.visitors
    or facts.sessions is distinct from kpis.sessions
    or facts.page_views is distinct from kpis.page_views
    or facts.revenue_minor is distinct from kpis.revenue_minor
