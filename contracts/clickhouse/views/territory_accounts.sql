-- The accounts of a territory, those it shares included, with what was last measured of each.
CREATE OR REPLACE VIEW territory_accounts AS
SELECT
    a.account AS account, a.network AS network, a.handle AS handle, a.native_id AS native_id,
    a.address AS address, a.name AS name, a.home AS home, a.home_territory AS home_territory,
    a.role AS role, a.state AS state, a.owner_kind AS owner_kind,
    o.followers AS followers, o.following AS following, o.posts AS posts, o.likes AS likes,
    o.views AS views, o.absent AS absent,
    if(o.account = '', NULL, toNullable(o.observed_at)) AS observed_at,
    n.absence AS absence,
    if(n.account = '', NULL, toNullable(n.since)) AS absent_since,
    n.confirmed AS absence_confirmed
FROM
(
    SELECT
        account, network, handle, native_id, address, name, state, owner_kind,
        arrayFirst(o -> o.territory = {territory:String}, owners) AS own,
        tupleElement(own, 'role') AS role,
        toUInt8(tupleElement(own, 'home') AND isNull(tupleElement(own, 'until'))) AS home,
        tupleElement(arrayFirst(o -> o.home AND isNull(o.until), owners), 'territory')
            AS home_territory
    FROM accounts FINAL
    WHERE arrayExists(o -> o.territory = {territory:String}, owners) AND state != 'refused'
) AS a
LEFT JOIN
(
    SELECT account, followers, following, posts, likes, views, absent, observed_at
    FROM latest_observations FINAL
    WHERE origin != 'declared' AND account IN
    (
        SELECT account FROM accounts
        WHERE arrayExists(o -> o.territory = {territory:String}, owners)
    )
    ORDER BY account, observed_at DESC
    LIMIT 1 BY account
) AS o ON o.account = a.account
LEFT JOIN account_absences(territory = {territory:String}) AS n ON n.account = a.account
ORDER BY a.home DESC, a.network, a.handle
