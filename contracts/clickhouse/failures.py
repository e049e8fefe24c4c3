"""What says that a network did not answer us, in SQL: written once, from `contracts/jobs.py`."""

from contracts.jobs import SOURCE_FAILURES

MACRO = "{source_failures}"
"""What a view's file writes for the causes of an outcome that are failures of the source."""


def source_failures() -> str:
    """Return these causes as a list of SQL."""
    return str(tuple(sorted(SOURCE_FAILURES)))
