-- The scores of the accounts whose home is a territory, for a month. Our pages ask `territory_months`;
-- what it says of the month before is for portals of 0.2, and goes with 0.4.
CREATE OR REPLACE VIEW territory_scores AS
SELECT s.*, {before_columns}
FROM
(
    SELECT * FROM published_scores
    WHERE territory = {territory:String} AND period = {period:String}
) AS s
{before_of_territory}
ORDER BY s.network, s.handle
