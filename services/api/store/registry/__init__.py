"""The registry of accounts: rows, history, claims."""
