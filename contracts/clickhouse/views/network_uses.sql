-- What each network weighs in the score of a territory, by methodology, and who says it (14.2).
CREATE OR REPLACE VIEW network_uses AS
SELECT methodology, network, weight, source, year, least_share
FROM methodology_networks FINAL
ORDER BY methodology, network
