"""A look at one account at once: what was asked, what was found, as a person reads it."""
