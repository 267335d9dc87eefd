"""Which signatures the contracts take: one form, one signer, one message, one network."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from hospes.contracts.abi import Value
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.contracts.calls import decode_call, encode
from hospes.core.chain import DEMONSTRATION_CHAIN_ID
from hospes.core.identities import CURVE_ORDER, Address
from hospes.core.typed_data import Domain
from tests.contracts.conftest import Traveller, World, deposit_body, erasure_of, grants, refused

Make = Callable[[Traveller], tuple[Address, bytes]]

CALLS: dict[str, Make] = {
    "give": lambda traveller: traveller.give(grants(1)),
    "withdraw": lambda traveller: traveller.withdraw(grants(1)),
    "end": lambda traveller: traveller.end(9),
    "deposit": lambda traveller: traveller.deposit(deposit_body()),
    "erase": lambda traveller: traveller.erase(erasure_of()),
}


@dataclass(frozen=True)
class Signed:
    """A call whose signature can be exchanged."""

    to: Address
    data: bytes

    @property
    def signature(self) -> bytes:
        """The signature in it."""
        signature = decode_call(self.data).arguments["sig"]
        assert isinstance(signature, bytes)
        return signature

    def having(self, **changes: Value) -> "Signed":
        """Return the same call with other arguments."""
        call = decode_call(self.data)
        return replace(self, data=encode(call.contract, call.function, *(call.arguments | changes).values()))


@pytest.fixture(params=CALLS)
def signed(request: pytest.FixtureRequest) -> Signed:
    """Each call that takes a signature, rightly signed."""
    return Signed(*CALLS[request.param](Traveller()))


def test_the_right_signature_is_taken(world: World, signed: Signed) -> None:
    """A call with the journey's signature over its message is one entry."""
    assert len(world.send(signed.to, signed.data).entries) == 1


@pytest.mark.parametrize("size", [0, 1, 64])
def test_a_short_signature_is_refused(world: World, signed: Signed, size: int) -> None:
    """A signature has 65 bytes."""
    with refused("signature_length"):
        world.send(signed.to, signed.having(sig=signed.signature[:size]).data)


def test_a_long_signature_is_refused(world: World, signed: Signed) -> None:
    """More than 65 bytes do not even decode, so the contract has no reason to give."""
    with refused("unknown"):
        world.send(signed.to, signed.having(sig=signed.signature + b"\0").data)


def test_the_twin_with_high_s_is_refused(world: World, signed: Signed) -> None:
    """The other signature that the same key makes of a signature, with s and v turned round, does not count."""
    r, s, v = signed.signature[:32], int.from_bytes(signed.signature[32:64]), signed.signature[64]
    twin = r + (CURVE_ORDER - s).to_bytes(32) + bytes([55 - v])
    with refused("signature_high_s"):
        world.send(signed.to, signed.having(sig=twin).data)


@pytest.mark.parametrize("v", [0, 1, 26, 29, 255])
def test_another_v_is_refused(world: World, signed: Signed, v: int) -> None:
    """Only 27 and 28 are values of v."""
    with refused("signature_v"):
        world.send(signed.to, signed.having(sig=signed.signature[:64] + bytes([v])).data)


def test_the_other_v_is_another_key(world: World, signed: Signed) -> None:
    """With v turned round the signature is somebody else's."""
    other = signed.signature[:64] + bytes([55 - signed.signature[64]])
    with refused("signature_wrong"):
        world.send(signed.to, signed.having(sig=other).data)


def test_a_signature_of_nobody_is_not_of_the_zero_address(world: World, signed: Signed) -> None:
    """A signature that no key can have made recovers to zero, and zero is no journey."""
    nobody = bytes(64) + b"\x1b"
    with refused("signature_wrong"):
        world.send(signed.to, signed.having(sig=nobody, journey=bytes(20)).data)


def test_another_journey_cannot_use_it(world: World, signed: Signed) -> None:
    """A signature counts for the journey that made it only."""
    with refused("signature_wrong"):
        world.send(signed.to, signed.having(journey=Traveller("Ben's journey").journey).data)


@pytest.mark.parametrize(
    "domain",
    [Domain(DEMONSTRATION_CHAIN_ID + 1, CONSENT), Domain(DEMONSTRATION_CHAIN_ID, ACCESS_LOG)],
    ids=["chain", "contract"],
)
@pytest.mark.parametrize("call", CALLS)
def test_another_network_or_contract_cannot_use_it(world: World, call: str, domain: Domain) -> None:
    """What was signed for another chain id or another contract counts nowhere here."""
    with refused("signature_wrong"):
        world.send(*CALLS[call](Traveller(domain=domain)))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("other", CALLS)
def test_a_message_cannot_pass_for_another(world: World, call: str, other: str) -> None:
    """The signature of one kind of message is taken by the call of that kind only."""
    signed, taken = Signed(*CALLS[call](Traveller())), Signed(*CALLS[other](Traveller()))
    mixed = signed.having(sig=taken.signature)
    if call == other:
        world.send(mixed.to, mixed.data)
    else:
        with refused("signature_wrong"):
            world.send(mixed.to, mixed.data)


def changed(value: Value) -> Value:
    """Return another value of the same type."""
    if isinstance(value, int):
        return value + 1
    assert isinstance(value, bytes)
    return bytes([value[0] ^ 1]) + value[1:]


@pytest.mark.parametrize("call", CALLS)
def test_every_argument_is_signed(world: World, call: str) -> None:
    """A change of any argument makes the signature another key's: the relayer can change nothing."""
    signed = Signed(*CALLS[call](Traveller()))
    names = [name for name in decode_call(signed.data).arguments if name != "sig"]
    for name in names:
        value = decode_call(signed.data).arguments[name]
        with refused("signature_wrong"):
            world.send(signed.to, signed.having(**{name: changed(value)}).data)
