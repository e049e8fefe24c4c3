"""How long a server asks us to wait: the header `Retry-After` (RFC 9110, section 10.2.3)."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime


def wait_asked(header: str | None, now: datetime, longest: timedelta) -> timedelta | None:
    """Return the wait, of `longest` at most; None where it is not told in seconds nor as a date."""
    text = (header or "").strip()
    try:
        if text.isdecimal():
            return timedelta(seconds=min(int(text), longest.total_seconds()))
        return min(max(parsedate_to_datetime(text) - now, timedelta()), longest)
    except (ValueError, OverflowError, TypeError):  # no date, or one without a time zone
        return None
