-- Ranked accounts of a month, by rank then name; an empty parameter means all of them.
CREATE OR REPLACE VIEW ranking AS
SELECT
    rank, ranked, account, network, handle, address, territory, territory_name,
    category, category_label, stratum, departement, region, population, score, low, high,
    engagement, reach, frequency, followers, follow_ratio, previous_rank, previous_score, origin
FROM published_scores
WHERE period = {period:String}
    AND ({network:String} = '' OR network = {network:String})
    AND ({category:String} = '' OR category = {category:String})
    AND ({departement:String} = '' OR departement = {departement:String})
    AND ({region:String} = '' OR region = {region:String})
    AND reason IS NULL
ORDER BY place, territory_name, address
