"""Dates of FHIR, which may stop at the year or the month: whether they are well formed, and which of two is later.

A time of day is checked and then left aside: two dates are compared as far as both are known, so that ``2024`` is
neither before nor after ``2024-05-01``.

Source: FHIR R4, section 2.24.0.1 (date, dateTime, instant).
"""

import re
from datetime import date, timedelta
from typing import Final

_FORM: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d))?)?)?"
)


def is_well_formed(text: str) -> bool:
    """Whether a text is a date of FHIR, with or without a time."""
    found = _FORM.fullmatch(text)
    if found is None:
        return False
    try:
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return False
    return True


def is_before(one: str, other: str) -> bool:
    """Whether one date is certainly before another. Neither is, where one of them is malformed."""
    known = min(len(_day(one)), len(_day(other)))
    return bool(known) and _day(one)[:known] < _day(other)[:known]


def next_day(text: str) -> str:
    """Return the day after a date that is known to the day; any other date as it is.

    The world's clocks are up to 26 hours apart: what is one day later may be the same moment.
    """
    day = _day(text)
    try:
        return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return day


def _day(text: str) -> str:
    return text.partition("T")[0] if is_well_formed(text) else ""
