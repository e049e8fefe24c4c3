-- The scores of an account, month after month, oldest first.
CREATE OR REPLACE VIEW account_scores AS
SELECT
    period, score, low, high, rank, ranked, stratum_rank, stratum_ranked, reason, state,
    methodology, revision, posts, origin
FROM published_scores
WHERE account = {account:String}
ORDER BY period
