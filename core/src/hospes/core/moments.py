"""Times as people read them; the protocol itself knows Unix seconds only."""

from datetime import UTC, datetime


def moment(time: int) -> str:
    """Return Unix seconds as a date and time in UTC; any number, since it may come from anybody.

    >>> moment(0)
    '1970-01-01 00:00:00 UTC'
    """
    try:
        return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"{time} s after 1970"
