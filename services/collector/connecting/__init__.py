"""Accounts that their owners connected: their tokens, opened here alone, and renewed."""
