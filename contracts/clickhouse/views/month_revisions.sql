-- Every revision of every published month, the latest computation first.
CREATE OR REPLACE VIEW month_revisions AS
SELECT
    period, revision, state, nullIf(reason, '') AS reason, methodology, bareme_reference,
    toString(hash) AS hash, accounts, ranked, computed_at
FROM months FINAL
WHERE published
ORDER BY computed_at DESC, period DESC, revision DESC
