-- Make the checkpoint where there is none.
-- grain: at most one row; key: id; writes: analytics_livecheckpoint
insert into warehouse.analytics_livecheckpoint (id, visible, step, complete_at, watermark, windows_from, events, zone)
values (1, %(visible)s, %(step)s, %(at)s, %(at)s, %(windows_from)s, 0, %(zone)s)
on conflict (id) do nothing
