-- Whether ended transactions stored anything since the checkpoint.
-- grain: one row; reads: experiments_event, experiments_exposure
select
    exists (
        select
        from experiment.experiments_event
        where tx >= %(from)s::xid8 and tx < %(to)s::xid8
    )
    or exists (
        select
        from experiment.experiments_exposure
        where tx >= %(from)s::xid8 and tx < %(to)s::xid8
    ) as is_any
