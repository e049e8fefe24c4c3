-- The scores of the accounts whose home is a territory, for a month.
CREATE OR REPLACE VIEW territory_scores AS
SELECT
    account, network, territory, period, state, methodology, revision, score, low, high, rank,
    ranked, category, category_label, stratum, stratum_label, stratum_rank, stratum_ranked,
    stratum_low_rank, stratum_high_rank, reason, previous_score, previous_rank,
    previous_stratum_rank, posts, measured, hidden_posts, deleted_posts, gaps, followers,
    following, engagement, reach, frequency, follow_ratio, computed_at, origin, territory_name,
    population, handle, address
FROM published_scores
WHERE territory = {territory:String} AND period = {period:String}
ORDER BY network, handle
