-- How the last thirty collections of an account ended, newest first.
CREATE OR REPLACE VIEW account_outcomes AS
SELECT ended_at, operation, cause, detail
FROM outcomes_by_account FINAL
WHERE account = {account:String}
ORDER BY ended_at DESC
LIMIT 30
