"""The first step of a release: whatever is in a box, it is a request or a typed error."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from hospes.core import boxes, wire
from hospes.core.bodies import AccessBox
from hospes.core.boxes import BoxSecret
from hospes.core.errors import HospesError, MalformedError
from hospes.core.identities import ZERO_HASH, Address, keccak
from hospes.core.typed_data import digest
from hospes.nodes.keeper.opening import open_request
from tests.nodes.keeper.scenes import ACCESS, ALERT, ALERT_HASH, DOMAIN, JOURNEY, Scene

KEEPER = Address(b"\x07" * 20)
SECRET = BoxSecret(keccak(b"keeper"))
RECIPIENT = BoxSecret(keccak(b"recipient"))
REQUEST = AccessBox(replace(ACCESS, recipient_key=RECIPIENT.public), 4, Scene().shown, b"g" * 16, ALERT)
TREE: dict[str, Any] = json.loads(wire.encode(REQUEST))


def sealed(plaintext: bytes) -> bytes:
    """Return a box to the keeper."""
    return boxes.seal(SECRET.public, boxes.request_info(DOMAIN, KEEPER), plaintext)


def test_a_request_is_opened_with_its_hashes() -> None:
    """The digests of the access and of the alert come with the request; without an alert there is none."""
    opened = open_request(DOMAIN, SECRET, KEEPER, sealed(wire.encode(REQUEST)))
    assert opened.box == REQUEST
    assert opened.access_hash == digest(DOMAIN, REQUEST.access)
    assert (opened.alert_hash, opened.alert_journey) == (ALERT_HASH, JOURNEY)
    bare = open_request(DOMAIN, SECRET, KEEPER, sealed(wire.encode(replace(REQUEST, alert=None))))
    assert (bare.alert_hash, bare.alert_journey) == (ZERO_HASH, b"")


@given(st.binary(max_size=200))
def test_any_bytes_get_a_typed_error(data: bytes) -> None:
    """As a box, and as what is inside one."""
    for box in (data, sealed(data)):
        with pytest.raises(HospesError):
            open_request(DOMAIN, SECRET, KEEPER, box)


CHANGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "number": lambda tree: tree | {"number": "0"},
    "gate": lambda tree: tree | {"gate": "0x00"},
    "grants": lambda tree: tree | {"grants": tree["grants"] * 9},
    "grants[0].siblings": lambda tree: tree | {"grants": [tree["grants"][0] | {"siblings": ["0x00"]}]},
    "access.recipientKey": lambda tree: tree | {"access": tree["access"] | {"recipientKey": "0x0021" + "11" * 32}},
    "access.why": lambda tree: tree | {"access": tree["access"] | {"why": "curiosity"}},
    "alert.journey": lambda tree: tree | {"alert": tree["alert"] | {"journey": "0x00"}},
    "access.salt": lambda tree: tree | {"access": {k: v for k, v in tree["access"].items() if k != "salt"}},
}


@pytest.mark.parametrize("where", CHANGES)
def test_a_malformed_request_says_where(where: str) -> None:
    """The error names the field, and repeats nothing of what stood in it."""
    with pytest.raises(MalformedError) as raised:
        open_request(DOMAIN, SECRET, KEEPER, sealed(json.dumps(CHANGES[where](TREE)).encode()))
    assert raised.value.where == where
    assert "curiosity" not in str(raised.value)
