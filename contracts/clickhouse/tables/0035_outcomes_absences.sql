-- What a network says of accounts that are not there, or not for all: deactivated, suspended… What was
-- stored before says nothing of it.
ALTER TABLE collect_outcomes ADD COLUMN IF NOT EXISTS absences Map(String, String) AFTER gone
