"""The collector: looks at the networks and says what it saw."""
