-- Visits: what happened in each.
-- grain: one row a session
-- key: unit_id, day, session
-- reads: int_event_sessions
select
    unit_id,
    day,
    session,
    count(*) filter (where name = 'page_view') as page_views,
    count(*) filter (where name not in ('page_view', 'impression')) as interactions
from int_event_sessions
group by unit_id, day, session
