-- Accounts whose score rose between two months beyond both margins, by one methodology, those that
-- rose most first: the least that the margins allow, then the score.
CREATE OR REPLACE VIEW progressions AS
SELECT
    s.account AS account, s.network AS network, s.handle AS handle, s.address AS address,
    s.territory AS territory, s.territory_name AS territory_name, s.category AS category,
    s.origin AS origin, s.score AS score, s.low AS low, s.high AS high,
    b.score AS previous_score, b.low AS previous_low, b.high AS previous_high
FROM published_scores AS s
INNER JOIN
(
    SELECT account, methodology, score, low, high FROM published_scores
    WHERE period = {before:String} AND isNull(reason)
) AS b ON b.account = s.account AND b.methodology = s.methodology
WHERE s.period = {period:String} AND isNull(s.reason) AND s.low > b.high
    AND ({network:String} = '' OR s.network = {network:String})
ORDER BY s.low - b.high DESC, s.score DESC, s.account
