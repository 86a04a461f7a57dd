-- Make the checkpoint where there is none.
-- grain: at most one row; key: id; writes: analytics_livecheckpoint
insert into warehouse.analytics_livecheckpoint (id, read_to, complete_at, watermark, events, zone)
values (1, %(read_to)s, %(at)s, %(at)s, 0, %(zone)s)
on conflict (id) do nothing
