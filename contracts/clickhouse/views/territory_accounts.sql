-- The accounts of a territory, those it shares included, with what was last measured of each. Those
-- that are not there are told of by `account_absences`.
CREATE OR REPLACE VIEW territory_accounts AS
SELECT
    a.account AS account, a.network AS network, a.handle AS handle, a.native_id AS native_id,
    a.address AS address, a.name AS name,
    arrayFirst(o -> o.territory = {territory:String}, a.owners) AS own,
    toUInt8(tupleElement(own, 'home') AND isNull(tupleElement(own, 'until'))) AS home,
    tupleElement(arrayFirst(o -> o.home AND isNull(o.until), a.owners), 'territory')
        AS home_territory,
    tupleElement(own, 'role') AS role, a.state AS state, a.owner_kind AS owner_kind,
    a.registered_at AS registered_at,
    o.followers AS followers, o.following AS following, o.posts AS posts, o.likes AS likes,
    o.views AS views, o.absent AS absent,
    if(o.account = '', NULL, toNullable(o.observed_at)) AS observed_at
FROM
(
    SELECT
        account, network, handle, native_id, address, name, state, owner_kind, owners, registered_at
    FROM accounts FINAL
    WHERE account IN (SELECT account FROM accounts WHERE has(owners.territory, {territory:String}))
        AND has(owners.territory, {territory:String}) AND state != 'refused'
) AS a
LEFT JOIN
(
    SELECT account, followers, following, posts, likes, views, absent, observed_at
    FROM latest_observations FINAL
    WHERE origin != 'declared'
        AND account IN (SELECT account FROM accounts WHERE has(owners.territory, {territory:String}))
    ORDER BY account, observed_at DESC
    LIMIT 1 BY account
) AS o ON o.account = a.account
ORDER BY home DESC, a.network, a.handle
