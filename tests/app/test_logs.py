"""What a log line may hold: nothing that is not on the list, and a count of what was left out."""

from hospes.app.logs import ALLOWED, allowed_only


def test_what_is_not_on_the_list_is_dropped_and_counted() -> None:
    """A record, a name or a key that somebody logs by mistake is not in the line; that something was there is."""
    event = {"event": "released", "code": 3, "document": b"allergic", "practitioner": "Dr. Ruiz"}
    assert allowed_only(None, "info", event) == {"event": "released", "code": 3, "dropped": 2}


def test_what_is_on_the_list_stays_as_it_is() -> None:
    """A line of allowed keys alone is not touched."""
    assert allowed_only(None, "info", dict.fromkeys(ALLOWED, 1)) == dict.fromkeys(ALLOWED, 1)
