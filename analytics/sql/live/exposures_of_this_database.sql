-- Give rows of transactions that have not been yet, as after loading a dump, to this one.
-- grain: one row an exposure; writes: experiments_exposure
update experiment.experiments_exposure
set tx = pg_current_xact_id()
where tx > pg_current_xact_id()
