-- How many accounts are scored in a month, and of how many territories, by network, category and
-- stratum: a commune with two accounts on a network is counted once.
CREATE OR REPLACE VIEW month_cells AS
SELECT
    network, category, stratum,
    toUInt32(count()) AS accounts, toUInt32(uniqExact(territory)) AS territories
FROM scores
WHERE period = {period:String} AND reason = ''
    AND methodology = (SELECT any(methodology) FROM periods WHERE period = {period:String})
GROUP BY network, category, stratum
ORDER BY network, category, stratum
