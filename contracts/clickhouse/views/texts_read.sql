-- Texts read since an instant (UTC, ISO 8601) and published since then, by network and by who said
-- them (`others`, or `official`: registered accounts), each once, when the first and the last were read:
-- proof that a watch which says nothing is at work. What was deleted since was read all the same.
CREATE OR REPLACE VIEW texts_read AS
WITH parseDateTime64BestEffort({since:String}, 6, 'UTC') AS since_instant
SELECT network, said_by, toUInt64(uniqExact(subject)) AS texts, min(observed_at) AS first_read_at,
    max(observed_at) AS last_read_at
FROM
(
    SELECT mention AS subject, network, observed_at, 'others' AS said_by FROM mentions
    WHERE observed_at >= since_instant AND published_at >= since_instant
    UNION ALL
    SELECT post AS subject, network, observed_at, 'official' AS said_by FROM post_texts
    WHERE observed_at >= since_instant AND published_at >= since_instant
)
GROUP BY network, said_by
ORDER BY network, said_by
