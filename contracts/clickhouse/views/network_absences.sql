-- How many verified accounts of each network are not there, by what the network says of them.
CREATE OR REPLACE VIEW network_absences AS
SELECT
    network, absence, toUInt32(count()) AS accounts,
    toUInt32(countIf(confirmed)) AS confirmed
FROM account_absences(territory = '')
GROUP BY network, absence
ORDER BY network, absence
