-- The transaction before which about so many events were stored.
-- grain: at most one row; reads: experiments_event
select tx::text::bigint as tx
from experiment.experiments_event
where
    tx >= %(from)s::xid8 and tx < %(before)s::xid8
    and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
    and not pg_visible_in_snapshot(tx, %(read)s::pg_snapshot)
order by tx
offset %(most)s
limit 1
