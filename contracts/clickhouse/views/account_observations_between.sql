-- Measures of an account between two days (Europe/Paris, both included), newest first.
CREATE OR REPLACE VIEW account_observations_between AS
SELECT
    event_id, slot, observed_at, handle, followers, following, posts, likes, views, absent, origin
FROM account_observations FINAL
WHERE account = {account:String}
    AND toDate(observed_at, 'Europe/Paris')
        BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
ORDER BY observed_at DESC, slot DESC
