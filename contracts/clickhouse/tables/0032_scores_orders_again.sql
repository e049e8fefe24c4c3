-- The second and third orders of the table, for a territory and for the history of an account.
ALTER TABLE scores
    ADD PROJECTION IF NOT EXISTS by_territory (SELECT * ORDER BY territory, period, account),
    ADD PROJECTION IF NOT EXISTS by_account (SELECT * ORDER BY account, period)
