-- Which units have the same attributes.
-- grain: one row a set of attributes; reads: experiments_unit
select
    attributes::text as attributes,
    array_agg(unit_id) as units
from experiment.experiments_unit
group by attributes
