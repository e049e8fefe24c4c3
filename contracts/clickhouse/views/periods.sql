-- Published months, newest first: by which methodology, in what state, since when.
CREATE OR REPLACE VIEW periods AS
SELECT
    period, state, methodology, computed_at, accounts, ranked,
    revision, reason, toString(hash) AS hash, bareme_reference
FROM months FINAL
WHERE published AND withdrawn_at IS NULL
ORDER BY period DESC, computed_at DESC, revision DESC, methodology DESC
LIMIT 1 BY period
