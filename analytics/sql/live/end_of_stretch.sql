-- The transaction before which about so many events were stored.
-- grain: at most one row; reads: experiments_event
select tx::text::bigint as tx
from experiment.experiments_event
where tx >= %(from)s::xid8 and tx < %(to)s::xid8
order by tx
offset %(most)s
limit 1
