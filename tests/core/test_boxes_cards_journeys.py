"""Boxes, cards and the keys of journeys."""

import os
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, strategies as st

from hospes.core import boxes
from hospes.core.boxes import BoxSecret
from hospes.core.cards import Card
from hospes.core.errors import BoxError, MalformedError
from hospes.core.identities import Address, Hash
from hospes.core.journeys import derive
from hospes.core.typed_data import Domain
from tests.simulators.strategies import addresses

DOMAIN, OTHER_DOMAIN = Domain(1 << 40, Address(b"c" * 20)), Domain(1 << 41, Address(b"c" * 20))
A, B = Address(b"a" * 20), Address(b"b" * 20)
HASH = Hash(b"h" * 32)
SECRET = BoxSecret(b"\x07" * 32)
INFOS = [
    boxes.deposit_info(DOMAIN, HASH, A),
    boxes.deposit_info(DOMAIN, HASH, B),
    boxes.deposit_info(OTHER_DOMAIN, HASH, A),
    boxes.standing_info(DOMAIN, A, B),
    boxes.standing_info(DOMAIN, B, A),
    boxes.request_info(DOMAIN, A),
    boxes.request_info(DOMAIN, B),
    boxes.answer_info(DOMAIN, A, 1, HASH, B),
    boxes.answer_info(DOMAIN, A, 2, HASH, B),
    boxes.notice_info(DOMAIN, A, 1),
    boxes.notice_info(DOMAIN, A, 2),
]


@pytest.mark.parametrize("sealed", range(len(INFOS)))
def test_a_box_opens_for_its_purpose_and_context_only(sealed: int) -> None:
    """A box of one kind, network, journey, keeper or number is worthless for every other."""
    box = boxes.seal(SECRET.public, INFOS[sealed], b"plain")
    for i, info in enumerate(INFOS):
        if i == sealed:
            assert SECRET.open(box, info) == b"plain"
        else:
            with pytest.raises(BoxError):
                SECRET.open(box, info)


def test_a_box_opens_for_its_recipient_only() -> None:
    """Another key, a changed byte or a cut box is a typed error that names the purpose."""
    box = boxes.seal(SECRET.public, INFOS[0], b"plain")
    with pytest.raises(BoxError, match="hospes/deposit/1"):
        BoxSecret(b"\x08" * 32).open(box, INFOS[0])
    for changed in (box[:-1], box[:31], b"", box[:-1] + bytes([box[-1] ^ 1]), bytes(32) + box[32:]):
        with pytest.raises(BoxError):
            SECRET.open(changed, INFOS[0])


def test_keys_name_their_suite() -> None:
    """A key without the KEM id, of another suite or of another size is refused."""
    raw = X25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key().public_bytes_raw()
    assert SECRET.public == b"\x00\x20" + raw
    for wrong in (raw, b"\x64\x7a" + raw, SECRET.public + b"\0", b""):
        with pytest.raises(MalformedError):
            boxes.seal(wrong, INFOS[0], b"")
    with pytest.raises(MalformedError):
        BoxSecret(b"short")


@pytest.mark.parametrize("point", [bytes(32), bytes([1]) + bytes(31), bytes.fromhex("ecff" + "ff" * 29 + "7f")])
def test_points_of_low_order_are_refused(point: bytes) -> None:
    """A key whose secret everybody knows is a typed error, when it comes in and when something is sealed to it."""
    public = b"\x00\x20" + point
    with pytest.raises(MalformedError):
        boxes.seal(public, INFOS[0], b"x")
    with pytest.raises(MalformedError) as caught:
        boxes.check_public(public, "AccessBox", "access.recipientKey")
    assert (caught.value.what, caught.value.where) == ("AccessBox", "access.recipientKey")
    boxes.check_public(SECRET.public, "AccessBox", "access.recipientKey")


CARD = Card(0x486F73706573, A, b"gate secret here")


@given(st.integers(0, 2**64 - 1), addresses, st.binary(min_size=16, max_size=16))
def test_cards_are_read_as_printed_and_as_typed(chain_id: int, journey: Address, secret: bytes) -> None:
    """Groups, case, dashes, look-alike digits and the line end of a scanner do not matter."""
    card = Card(chain_id, journey, secret)
    text = card.encode()
    assert all(len(group) <= 4 for group in text.split(" "))
    for typed in (
        text,
        text.replace(" ", ""),
        text.lower(),
        text.replace(" ", "-"),
        text.replace(" ", "\u00a0") + "\r\n",
        text.replace("O", "0").replace("I", "1"),
    ):
        assert Card.decode(typed) == card


@given(st.integers(0, 78), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_wrong_letter_is_noticed(position: int, letter: str) -> None:
    """One wrong character is a typed error that says to compare with the card, never another journey."""
    letters = CARD.encode().replace(" ", "")
    typed = letters[:position] + letter + letters[position + 1 :]
    if typed == letters:
        return
    with pytest.raises(MalformedError):
        Card.decode(typed)


@pytest.mark.parametrize("text", ["", "A", "AEAA", "!" * 79, "é" * 79, "A" * 79, "A" * 80, "A" * 10_000])
def test_what_is_no_card_is_refused(text: str) -> None:
    """Missing, additional and foreign characters are typed errors."""
    with pytest.raises(MalformedError):
        Card.decode(text)


def test_the_card_does_not_change_unnoticed() -> None:
    """A printed card stays readable: its text is fixed."""
    assert (
        CARD.encode()
        == "AEAA ASDP ONYG K43B MFQW CYLB MFQW CYLB MFQW CYLB MFQW CYLH MF2G KIDT MVRX EZLU EBUG K4TF VULV SNY"
    )
    assert CARD.gate != replace(CARD, gate_secret=bytes(16)).gate


def test_journeys_are_unrelated_and_repeatable() -> None:
    """One root gives the same journey each time, and another one for each index and network."""
    root = b"\x05" * 32
    again = derive(root, 1 << 40, 0)
    addresses_seen = {derive(root, chain, index).address for chain in (1 << 40, 1 << 41) for index in range(5)}
    assert len(addresses_seen) == 10
    assert derive(root, 1 << 40, 0).address == again.address
    assert again.notice.public != derive(root, 1 << 40, 1).notice.public
    assert again.address.hex() == "a8bd855662b9f61bc066c2c26fefdae8c5d78c50"


@pytest.mark.parametrize(("root", "index"), [(b"", 0), (bytes(31), 0), (bytes(32), -1), (bytes(32), 2**32)])
def test_roots_and_indexes_are_bounded(root: bytes, index: int) -> None:
    """Other sizes are typed errors."""
    with pytest.raises(MalformedError):
        derive(root, 1, index)


def test_a_box_hides_its_content() -> None:
    """The content does not stand in it, and two boxes of the same content differ: the ephemeral key is fresh."""
    plain = os.urandom(16)
    box, again = (boxes.seal(SECRET.public, INFOS[0], plain) for _ in range(2))
    assert plain not in box
    assert box[:32] != again[:32]
