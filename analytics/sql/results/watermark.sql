-- How much data a run has: changes whenever an exposure or an event of its time arrives.
-- grain: one row; key: none; reads: experiments_exposure, experiments_event
select
    exposures.units,
    exposures.first_at,
    exposures.last_at,
    exposures.received_at as exposures_received_at,
    events.events,
    events.received_at as events_received_at
from (
    select
        count(*) as units,
        min(exposed_at) as first_at,
        max(exposed_at) as last_at,
        max(received_at) as received_at
    from experiment.experiments_exposure
    where run_id = %(run_id)s and exposed_at < %(until)s
) as exposures
cross join (
    select
        count(*) as events,
        max(received_at) as received_at
    from experiment.experiments_event
    where occurred_at >= %(since)s and occurred_at < %(until)s
) as events
