-- Scored accounts of a month; an empty parameter means all of them. A category is in the order of
-- its ranks; categories together are by score, for a rank is that of its category only, and the
-- accounts without rank come after all the others. It reads the table itself: through
-- published_scores the same question costs the engine twice as much.
CREATE OR REPLACE VIEW ranking AS
SELECT
    {ranked_account},
    {before_columns}
FROM scores AS s
{before_of_network}
WHERE s.period = {period:String}
    AND s.methodology = (SELECT any(methodology) FROM periods WHERE period = {period:String})
    AND ({network:String} = '' OR s.network = {network:String})
    AND ({category:String} = '' OR s.category = {category:String})
    AND ({departement:String} = '' OR s.departement = {departement:String})
    AND ({region:String} = '' OR s.region = {region:String})
    AND s.reason = ''
ORDER BY
    if({category:String} = '', s.rank IS NULL, 0),
    if({category:String} = '', -toInt32(s.score), s.place),
    s.territory_name, s.address
