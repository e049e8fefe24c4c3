-- Scores of published months as people read them: points, ratios, labels. Other views filter it.
CREATE OR REPLACE VIEW published_scores AS
SELECT
    s.period AS period, s.methodology AS methodology, s.network AS network, s.place AS place,
    s.account AS account, s.handle AS handle, s.address AS address, s.origin AS origin,
    s.territory AS territory, s.territory_name AS territory_name, s.population AS population,
    s.departement AS departement, s.region AS region,
    s.category AS category,
    {category_label} AS category_label,
    s.stratum AS stratum,
    {stratum_label} AS stratum_label,
    nullIf(s.reason, '') AS reason,
    {score_points},
    s.rank AS rank, s.ranked AS ranked, s.low_rank AS low_rank, s.high_rank AS high_rank,
    s.stratum_rank AS stratum_rank, s.stratum_ranked AS stratum_ranked,
    s.stratum_low_rank AS stratum_low_rank, s.stratum_high_rank AS stratum_high_rank,
    {kpi_figures},
    s.following AS following,
    {kpi_points},
    s.posts AS posts, s.measured AS measured, s.hidden_posts AS hidden_posts,
    s.deleted_posts AS deleted_posts, s.gaps AS gaps, s.scope AS scope,
    p.state AS state, p.revision AS revision, p.computed_at AS computed_at
FROM scores AS s
INNER JOIN periods AS p ON p.period = s.period AND p.methodology = s.methodology
