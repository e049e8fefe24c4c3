-- A month that was published and is taken away: why, for the public, and since when. Its line stays.
ALTER TABLE months
    ADD COLUMN IF NOT EXISTS withdrawn String COMMENT 'why it was taken away; empty: it was not' AFTER computed_at,
    ADD COLUMN IF NOT EXISTS withdrawn_at Nullable(DateTime64(3, 'UTC')) AFTER withdrawn
