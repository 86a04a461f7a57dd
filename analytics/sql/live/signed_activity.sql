-- What units had done and have done; the arm's last bit says which.
-- grain: one row a unit, source and sign; reads: pg_temp.step_activity
select
    arm * 2 + (sign < 0)::integer as arm,
    bucket,
    unit_id,
    source,
    events,
    amount,
    delay
from pg_temp.step_activity
where run_id = %(run_id)s
