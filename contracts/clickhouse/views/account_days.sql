-- Counters of an account day by day (Europe/Paris): the last measure of each day.
CREATE OR REPLACE VIEW account_days AS
SELECT
    day,
    tupleElement(last, 1) AS followers,
    tupleElement(last, 2) AS following,
    tupleElement(last, 3) AS posts
FROM
(
    SELECT
        toDate(observed_at, 'Europe/Paris') AS day,
        argMax((followers, following, posts), (observed_at, slot)) AS last
    FROM account_observations FINAL
    WHERE account = {account:String} AND origin != 'declared'
        AND toDate(observed_at, 'Europe/Paris')
            BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
    GROUP BY day
)
ORDER BY day
