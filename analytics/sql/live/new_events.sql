-- Take over the events of transactions that ended since what was read.
-- grain: one row an event; writes: pg_temp.step_event; reads: experiments_event
insert into pg_temp.step_event (unit_id, name, occurred_at, amount, properties)
select
    unit_id,
    name,
    occurred_at,
    amount,
    properties
from experiment.experiments_event
where
    tx >= %(from)s::xid8 and tx < %(before)s::xid8
    and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
    and not pg_visible_in_snapshot(tx, %(read)s::pg_snapshot)
    and occurred_at >= %(since)s
