-- Each set of attributes that units have.
-- grain: one row a set; key: attributes; reads: experiment.experiments_unit
select distinct attributes
from experiment.experiments_unit
