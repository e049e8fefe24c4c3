-- The accounts that speak for a service of their home territory rather than for its town hall.
CREATE OR REPLACE VIEW account_roles AS
SELECT account, tupleElement(arrayFirst(o -> o.home, owners), 'role') AS role
FROM accounts FINAL
WHERE state = 'verified' AND owner_kind = 'collectivité' AND role NOT IN ('', 'main')
ORDER BY account
