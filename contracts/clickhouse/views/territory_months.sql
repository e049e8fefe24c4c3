-- Every month, by every methodology, of the accounts whose home a territory then was: what its page
-- tells of months is told of these. Which are published is in `periods`; a line of the month before
-- is one of them too: planning joins costs more than reading.
CREATE OR REPLACE VIEW territory_months AS
SELECT
    s.period AS period, s.methodology AS methodology, s.network AS network,
    s.account AS account, s.handle AS handle, s.address AS address, s.origin AS origin,
    s.territory AS territory, s.category AS category,
    s.stratum AS stratum,
    {stratum_label} AS stratum_label,
    nullIf(s.reason, '') AS reason,
    {score_points},
    s.rank AS rank, s.ranked AS ranked, s.low_rank AS low_rank, s.high_rank AS high_rank,
    s.stratum_rank AS stratum_rank, s.stratum_ranked AS stratum_ranked,
    s.stratum_low_rank AS stratum_low_rank, s.stratum_high_rank AS stratum_high_rank,
    {followers} AS followers,
    s.posts AS posts, s.gaps AS gaps, s.scope AS scope
FROM scores AS s
WHERE s.territory = {territory:String}
ORDER BY s.period, s.network, s.handle
