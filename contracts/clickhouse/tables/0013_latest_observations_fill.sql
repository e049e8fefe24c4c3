-- What was stored before 0012.
INSERT INTO latest_observations
SELECT account, origin, network, observed_at, followers, following, posts, likes, views, absent
FROM account_observations
ORDER BY account, origin, observed_at DESC
LIMIT 1 BY account, origin
