"""A watch on pages: made, looked at, acted on; its alerts; what its recipients say."""
