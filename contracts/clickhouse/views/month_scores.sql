-- Every account of a month, scored or not, by network, category and place; an empty network means
-- all of them. What the open files hold: the columns of the month's hash (docs/methodology.md,
-- section 12), what each KPI was worth, and what the score rests on.
CREATE OR REPLACE VIEW month_scores AS
SELECT
    {ranked_account},
    {as_published_before},
    nullIf(s.reason, '') AS reason,
    s.stratum_rank AS stratum_rank, s.stratum_ranked AS stratum_ranked,
    s.stratum_low_rank AS stratum_low_rank, s.stratum_high_rank AS stratum_high_rank,
    s.following AS following,
    {kpi_points},
    s.posts AS posts, s.measured AS measured, s.hidden_posts AS hidden_posts,
    s.deleted_posts AS deleted_posts, s.gaps AS gaps, s.scope AS scope
FROM scores AS s
WHERE s.period = {period:String}
    AND s.methodology = (SELECT any(methodology) FROM periods WHERE period = {period:String})
    AND ({network:String} = '' OR s.network = {network:String})
ORDER BY s.network, s.category, s.place, s.account
