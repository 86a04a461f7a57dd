-- The oldest open transaction that writes, and the next transaction's number.
-- grain: one row; reads: pg_stat_activity
select
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next,
    oldest.pid,
    oldest.began_at,
    oldest.application,
    oldest.role
from (select 1) as always
left join lateral (
    select
        pid,
        xact_start as began_at,
        application_name as application,
        usename as role
    from pg_stat_activity
    where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid()
    order by xact_start
    limit 1
) as oldest on true
