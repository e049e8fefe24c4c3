"""The collector: looks at the networks and says what it saw."""

PARTS = ("scheduler", "worker", "streams")
"""What a process of it may run; all of them when nothing is said."""
