"""The table of errors: every leaf of every part has its row, and says what, where and why."""

import importlib
import pkgutil

import pytest

import hospes
from hospes.core.errors import TABLE, HospesError, MalformedError, Row, TooLargeError


def _leaves(cls: type[HospesError]) -> list[type[HospesError]]:
    return [cls, *(leaf for child in cls.__subclasses__() for leaf in _leaves(child))]


def _import_everything() -> None:
    for module in pkgutil.walk_packages(hospes.__path__, "hospes."):
        if "__main__" not in module.name:
            importlib.import_module(module.name)


def test_every_error_of_every_part_has_a_row() -> None:
    """An error that reaches a wire always has a status, a code and a title."""
    _import_everything()
    missing = {leaf.__name__ for leaf in _leaves(HospesError) if leaf.slug not in TABLE}
    assert not missing


def test_rows_have_slugs_that_an_error_uses() -> None:
    """No row outlives its error."""
    _import_everything()
    assert set(TABLE) == {leaf.slug for leaf in _leaves(HospesError)}


@pytest.mark.parametrize("row", TABLE.values(), ids=list(TABLE))
def test_rows_are_what_the_standards_allow(row: Row) -> None:
    """Statuses are of HTTP's error classes, and titles are one line."""
    assert 400 <= row.status < 600
    assert row.title
    assert "\n" not in row.title


def test_an_error_keeps_its_facts() -> None:
    """A caller can act on attributes and need not parse a message."""
    error = MalformedError("Grant", "notAfter", "the grant ends before it begins")
    assert (error.what, error.where, error.reason) == ("Grant", "notAfter", "the grant ends before it begins")
    assert str(error) == "Grant is malformed at notAfter: the grant ends before it begins"
    assert "6 items, at most 5" in str(TooLargeError("list", 6, 5, "items"))
