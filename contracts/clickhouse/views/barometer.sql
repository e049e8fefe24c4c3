-- Presence and medians of a month, by network and category; an empty category is all of them.
-- Present are territories that have an account registered on the network, scored or not; a median is
-- of scored accounts, and null under ten of them.
CREATE OR REPLACE VIEW barometer AS
SELECT
    network, category,
    any(methodology) AS methodology,
    toUInt32(uniqExact(territory)) AS present,
    toUInt32(count()) AS accounts,
    toUInt32(countIf(isNull(reason))) AS scored,
    if(scored < 10, NULL, quantileExactInclusiveIf(0.5)(
        toFloat64(assumeNotNull(score)), isNull(reason)
    )) AS score,
    if(scored < 10, NULL, quantileExactInclusiveIf(0.5)(
        toFloat64(assumeNotNull(followers)), isNull(reason)
    )) AS followers,
    if(scored < 10, NULL, quantileExactInclusiveIf(0.5)(
        toFloat64(assumeNotNull(engagement)), isNull(reason)
    )) AS engagement,
    if(scored < 10, NULL, quantileExactInclusiveIf(0.5)(
        toFloat64(assumeNotNull(frequency)), isNull(reason)
    )) AS frequency
FROM published_scores
WHERE period = {period:String} AND category != ''
GROUP BY GROUPING SETS ((network, category), (network))
ORDER BY network, category
