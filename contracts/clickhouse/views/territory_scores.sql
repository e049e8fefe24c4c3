-- The scores of the accounts whose home is a territory, for a month.
CREATE OR REPLACE VIEW territory_scores AS
SELECT *
FROM published_scores
WHERE territory = {territory:String} AND period = {period:String}
ORDER BY network, handle
