-- Keep what the shop would have known of the history's visitors after the last visit of each.
-- grain: one row a unit; key: unit_id
-- reads: simulation_historyevent, simulation_customer, simulation_customerorder; writes: experiments_unit
with visits as (
    select
        unit_id,
        min(occurred_at) as first_seen,
        max(occurred_at) as last_seen,
        count(*) filter (where name = 'purchase') as orders,
        max(occurred_at) filter (where name = 'purchase') as last_order
    from warehouse.simulation_historyevent
    group by unit_id
),

customer_orders as (
    select
        customer.unit_id,
        count(*) as orders,
        max(placed.placed_at) as last_order
    from warehouse.simulation_customer as customer
    inner join visits on customer.unit_id = visits.unit_id
    inner join warehouse.simulation_customerorder as placed
        on customer.number = placed.customer_id and placed.placed_at <= visits.last_seen
    group by customer.unit_id
),

days as (
    select
        visits.unit_id,
        least(visits.first_seen, customer.joined_at) as first_seen,
        visits.last_seen,
        customer.locale,
        visits.orders + coalesce(customer_orders.orders, 0) as orders,
        (visits.last_seen at time zone %(zone)s)::date as today,
        (least(visits.first_seen, customer.joined_at) at time zone %(zone)s)::date as first_day,
        (greatest(visits.last_order, customer_orders.last_order) at time zone %(zone)s)::date as last_order
    from visits
    left join warehouse.simulation_customer as customer on visits.unit_id = customer.unit_id
    left join customer_orders on visits.unit_id = customer_orders.unit_id
),

described as (
    select
        days.unit_id,
        days.first_seen,
        days.last_seen,
        jsonb_build_object(
            'device', told.device,
            'language', coalesce(left(days.locale, 2), told.language),
            'returning', days.today > days.first_day,
            'signup_age_days', days.today - days.first_day,
            'segment', case
                when days.orders = 0 then 'browser'
                when days.today - days.last_order > 60 then 'lost'
                when days.today - days.last_order > 30 then 'at_risk'
                when days.orders >= 5 then 'champion'
                when days.orders >= 2 then 'loyal'
                else 'new'
            end
        ) || case when told.city = '' then '{}' else jsonb_build_object('city', told.city) end as attributes
    from days
    inner join unnest(
        %(units)s::text [],
        %(devices)s::text [],
        %(languages)s::text [],
        %(cities)s::text []
    ) as told (unit_id, device, language, city) on days.unit_id = told.unit_id
)

insert into experiment.experiments_unit as known (unit_id, attributes, first_seen_at, updated_at)
select
    unit_id,
    attributes,
    first_seen,
    last_seen
from described
order by unit_id
on conflict (unit_id) do update set
    attributes = case
        when excluded.updated_at >= known.updated_at then known.attributes || excluded.attributes
        else excluded.attributes || known.attributes
    end,
    first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
    updated_at = greatest(known.updated_at, excluded.updated_at)
