"""The language in which people write what they look for: its reader, its tree, its fields, and
what of it the search of a network is asked."""
