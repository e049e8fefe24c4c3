-- Each outcome of an account into `latest_outcomes`, as it is stored.
CREATE MATERIALIZED VIEW IF NOT EXISTS latest_outcomes_follow TO latest_outcomes AS
SELECT network, account, operation, cause, origin, ended_at
FROM outcomes_by_account
