"""Pages of a territory: where it stands, one account of it, those around it, and comparisons."""
