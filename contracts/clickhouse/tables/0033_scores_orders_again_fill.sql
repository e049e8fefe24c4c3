-- The orders of the months that are kept.
ALTER TABLE scores
    MATERIALIZE PROJECTION by_territory,
    MATERIALIZE PROJECTION by_account
SETTINGS mutations_sync = 2
