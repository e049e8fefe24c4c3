-- The score of an account for a month, or why it has none.
CREATE OR REPLACE VIEW account_score AS
SELECT
    account, network, territory, period, state, methodology, revision, score, low, high, rank,
    ranked, category, category_label, stratum, stratum_label, stratum_rank, stratum_ranked,
    stratum_low_rank, stratum_high_rank, reason, previous_score, previous_rank,
    previous_stratum_rank, posts, measured, hidden_posts, deleted_posts, gaps, followers,
    following, engagement, reach, frequency, follow_ratio, computed_at, origin, territory_name,
    population, handle, address
FROM published_scores
WHERE account = {account:String} AND period = {period:String}
