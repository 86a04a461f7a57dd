-- Units from their first view of the page in the days on (of any page where page is null), as an exposure would count.
-- With unit_ids, only those count.
-- grain: one row a unit; key: unit_id; reads: event
select
    unit_id,
    0 as arm,
    min(occurred_at) as exposed_at,
    date_trunc('day', min(occurred_at), %(zone)s) as bucket
from event
where
    occurred_at >= %(from)s and occurred_at < %(until)s
    and name = 'page_view'
    and (%(page)s::text is null or properties ->> 'page' = %(page)s)
    and (%(unit_ids)s::text [] is null or unit_id = any(%(unit_ids)s::text []))
group by unit_id
