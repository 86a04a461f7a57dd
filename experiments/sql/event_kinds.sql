-- The declared events, each in its newest version.
-- grain: one row an event; key: name; reads: experiments_eventtype, experiments_eventtypeversion
select distinct on (kind.name)
    kind.name,
    kind.description,
    version.number,
    version.carries_amount,
    version.properties
from experiment.experiments_eventtype as kind
inner join experiment.experiments_eventtypeversion as version on kind.id = version.event_type_id
order by kind.name, version.number desc
