"""Migrations of the small state, never edited once released."""
