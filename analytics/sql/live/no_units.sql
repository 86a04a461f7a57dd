-- Nobody: for statements about what units did, wherever they belong.
-- grain: no row; reads: nothing
select
    null::text as unit_id,
    null::bigint as arm,
    null::timestamptz as exposed_at,
    null::timestamptz as bucket
where false
