"""The world in which things happen, for all suites of fictional networks."""

from tests.suites.fictional import odd

__all__ = ["odd"]
