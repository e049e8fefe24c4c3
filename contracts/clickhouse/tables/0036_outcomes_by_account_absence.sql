-- The same of one account; empty where it was not said, or the account is there.
ALTER TABLE outcomes_by_account ADD COLUMN IF NOT EXISTS absence LowCardinality(String) DEFAULT ''
