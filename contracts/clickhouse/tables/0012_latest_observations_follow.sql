-- Each observation into `latest_observations`, as it is stored.
CREATE MATERIALIZED VIEW IF NOT EXISTS latest_observations_follow TO latest_observations AS
SELECT account, origin, network, observed_at, followers, following, posts, likes, views, absent
FROM account_observations
