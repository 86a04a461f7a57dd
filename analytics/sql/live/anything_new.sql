-- Whether ended transactions stored anything since the checkpoint.
-- grain: one row; reads: experiments_event, experiments_exposure
select
    exists (
        select
        from experiment.experiments_event
        where
            tx >= %(from)s::xid8 and tx < %(before)s::xid8
            and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
            and not pg_visible_in_snapshot(tx, %(read)s::pg_snapshot)
    )
    or exists (
        select
        from experiment.experiments_exposure
        where
            tx >= %(from)s::xid8 and tx < %(before)s::xid8
            and pg_visible_in_snapshot(tx, %(to)s::pg_snapshot)
            and not pg_visible_in_snapshot(tx, %(read)s::pg_snapshot)
    ) as is_any
