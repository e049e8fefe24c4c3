-- What matched a watch, published between two days (Europe/Paris, both included), newest first.
CREATE OR REPLACE VIEW watch_matches AS
SELECT
    subject, subject_kind, network, address, source, published_at, observed_at, matched_at, terms,
    title, excerpt, author, state, origin
FROM matches FINAL
WHERE watch = {watch:String}
    AND toDate(published_at, 'Europe/Paris')
        BETWEEN toDate({date_from:String}) AND toDate({date_to:String})
ORDER BY published_at DESC, subject
