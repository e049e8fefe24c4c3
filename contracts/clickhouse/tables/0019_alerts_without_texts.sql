-- Texts of others are not kept with alerts: for 30 days `matches` shows them, then what we said stays.
ALTER TABLE alerts_raised DROP COLUMN IF EXISTS evidence
