"""What is known of a traveller: timed readings, the person, the travel.

These are the inputs of risk as plain values. They are not checked here: what is outside a variable's range is set aside
and counted where features are extracted, so that one faulty sensor does not silence the others.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """One value at one time.

    Attributes
    ----------
    variable : str
        Name of a variable of kind `series`.
    at : float
        Unix time in seconds.
    value : float
        In the variable's unit.
    """

    variable: str
    at: float
    value: float


@dataclass(frozen=True, slots=True)
class Person:
    """What a summary says of the person. `None` is "it does not say".

    Attributes
    ----------
    age_y : float | None
        Completed years.
    sex : float | None
        0 female, 1 male.
    height_cm, weight_kg : float | None
    conditions, medicines : frozenset[str] | None
        Groups of `hospes.risk.history`. An empty set says that there are none, `None` that nothing is known.
    """

    age_y: float | None = None
    sex: float | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    conditions: frozenset[str] | None = None
    medicines: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Travel:
    """Where the traveller is. `None` is unknown.

    Attributes
    ----------
    altitude_m : float | None
        Above the sea.
    ambient_temperature_c : float | None
        Of the air outside.
    time_zone_shift_h : float | None
        Local time less the time at home, -12 to 12.
    days_away : float | None
        Since the traveller left home.
    """

    altitude_m: float | None = None
    ambient_temperature_c: float | None = None
    time_zone_shift_h: float | None = None
    days_away: float | None = None
