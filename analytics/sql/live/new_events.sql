-- Take over the events of a stretch of transactions.
-- grain: one row an event; writes: pg_temp.step_event; reads: experiments_event
insert into pg_temp.step_event (unit_id, name, occurred_at, amount, properties)
select
    unit_id,
    name,
    occurred_at,
    amount,
    properties
from experiment.experiments_event
where tx >= %(from)s::xid8 and tx < %(to)s::xid8 and occurred_at >= %(since)s
