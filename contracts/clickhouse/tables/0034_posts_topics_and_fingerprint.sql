-- What else is derived from a post's text: what it speaks of, and by what a copy is recognised.
-- Posts that were observed before have neither.
ALTER TABLE post_observations
    ADD COLUMN IF NOT EXISTS topics Array(String) AFTER language,
    ADD COLUMN IF NOT EXISTS fingerprint Nullable(String) AFTER topics
