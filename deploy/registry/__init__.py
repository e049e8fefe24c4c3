"""How the registry of territories is built and refreshed."""
