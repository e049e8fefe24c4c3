-- Territories of the latest year, with how many verified accounts each has (shared ones included).
CREATE OR REPLACE VIEW territory_list AS
SELECT
    t.code AS code, t.name AS name, t.kind AS kind, t.category AS category, t.stratum AS stratum,
    t.population AS population, t.departement AS departement, t.region AS region, t.epci AS epci,
    t.tourist AS tourist, t.origin AS origin, a.accounts AS accounts
FROM territories AS t
LEFT JOIN
(
    SELECT owner.territory AS territory, toUInt32(uniqExact(account)) AS accounts
    FROM accounts FINAL
    ARRAY JOIN owners AS owner
    WHERE state = 'verified' AND owner_kind = 'collectivité' AND isNull(owner.until)
    GROUP BY territory
) AS a ON a.territory = t.code
WHERE t.year = (SELECT max(year) FROM territories)
ORDER BY t.code
