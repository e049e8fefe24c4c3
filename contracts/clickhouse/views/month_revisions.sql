-- Every revision of every published month: the latest day of computation first (Europe/Paris), and
-- of one day the latest month, for thirteen months may be computed at once. One that was taken away
-- says why and since when.
CREATE OR REPLACE VIEW month_revisions AS
SELECT
    period, revision, state, nullIf(reason, '') AS reason, methodology, bareme_reference,
    toString(hash) AS hash, accounts, ranked, computed_at,
    nullIf(withdrawn, '') AS withdrawn, withdrawn_at
FROM months FINAL
WHERE published
ORDER BY toDate(computed_at, 'Europe/Paris') DESC, period DESC, revision DESC
