-- Every reading of the posts that an account published between two days (Europe/Paris, both
-- included), in order: what « Vérifier ce score » recomputes from.
CREATE OR REPLACE VIEW account_readings AS
SELECT
    event_id, origin, post, account, network, native_id, state, kind, published_at, slot,
    observed_at, likes, comments, shares, quotes, views, absent
FROM post_observations FINAL
WHERE account = {account:String}
    AND toDate(published_at, 'Europe/Paris')
        BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
ORDER BY post, slot, observed_at
