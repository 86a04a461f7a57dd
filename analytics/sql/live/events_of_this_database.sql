-- Give rows of transactions that have not been yet, as after loading a dump, to this one.
-- grain: one row an event; writes: experiments_event
update experiment.experiments_event
set tx = pg_current_xact_id()
where tx > pg_current_xact_id()
