-- The maps of the months that are kept, written from their columns: no figure is computed again.
ALTER TABLE scores
    MATERIALIZE COLUMN figures,
    MATERIALIZE COLUMN points
SETTINGS mutations_sync = 2
