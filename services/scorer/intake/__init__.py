"""From topics to tables: validated batches, erasures, dead letters given back."""
