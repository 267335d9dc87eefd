"""Requests: one traveller as JSON, for the command line and for whoever has no Python.

It checks the form alone; impossible values are set aside where features are extracted. A word that names no group of
illnesses or medicines is refused: left alone, a misspelled illness would count as one that the traveller does not have.
"""

from dataclasses import fields
from typing import Any, Final

import msgspec

from hospes.core.errors import MalformedError
from hospes.risk.history import CONDITION_WORDS, MEDICINE_WORDS
from hospes.risk.readings import Person, Reading, Travel

EXAMPLE: Final = """{
  "now": 1800000000,
  "person": {"age_y": 72, "sex": 0, "conditions": ["hypertension"], "medicines": []},
  "travel": {"altitude_m": 310, "time_zone_shift_h": -1, "days_away": 6},
  "readings": [
    {"variable": "heart_rate", "at": 1799999940, "value": 118},
    {"variable": "systolic_pressure", "at": 1799999400, "value": 168},
    {"variable": "oxygen_saturation", "at": 1799999940, "value": 94}
  ]
}"""


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of one traveller.

    Attributes
    ----------
    now : float
        Unix time in seconds for which the risk is wanted.
    readings : tuple[Reading, ...]
    person : Person
    travel : Travel
    """

    now: float
    readings: tuple[Reading, ...] = ()
    person: Person = Person()
    travel: Travel = Travel()

    @classmethod
    def decode(cls, data: bytes) -> "Request":
        """Read a request.

        Raises
        ------
        MalformedError
            With the path of what does not fit, and without its value; for a word that names no group, with all that do.
        """
        try:
            request = msgspec.json.decode(data, type=cls)
            _refuse_unknown(msgspec.json.decode(data))
            _refuse_unknown_words(request.person)
        except msgspec.ValidationError as error:
            reason, _, where = str(error).partition(" - at ")
            raise MalformedError("request", where.strip("`"), reason) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedError("request", "", "this is not JSON") from error
        return request


def _refuse_unknown(tree: dict[str, Any]) -> None:
    """Refuse names that nobody reads: a mistyped one would otherwise pass for a value that is not known."""
    parts = (
        ("person", Person, [tree.get("person", {})]),
        ("travel", Travel, [tree.get("travel", {})]),
        ("readings", Reading, tree.get("readings", [])),
    )
    for where, kind, objects in parts:
        known = {field.name for field in fields(kind)}
        if any(set(given) - known for given in objects):
            raise MalformedError("request", where, f"expected no other names than {', '.join(sorted(known))}")


def _refuse_unknown_words(person: Person) -> None:
    """Refuse illnesses and medicines that are no group of `hospes.risk.history`, and list those that are."""
    listed = (("conditions", person.conditions, CONDITION_WORDS), ("medicines", person.medicines, MEDICINE_WORDS))
    for name, words, allowed in listed:
        if (words or frozenset()) - set(allowed):
            raise MalformedError("request", f"person.{name}", f"expected no other words than {', '.join(allowed)}")
