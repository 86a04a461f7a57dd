-- The global holdout, where there is one.
-- grain: one row at most; key: id; reads: experiments_holdout
select
    holdout.seed,
    holdout.share
from experiment.experiments_holdout as holdout
where holdout.share > 0
