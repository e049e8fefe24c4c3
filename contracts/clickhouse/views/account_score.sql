-- The score of an account for a month, or why it has none.
CREATE OR REPLACE VIEW account_score AS
SELECT s.*, {before_columns}
FROM
(
    SELECT * FROM published_scores
    WHERE account = {account:String} AND period = {period:String}
) AS s
{before_of_account}
