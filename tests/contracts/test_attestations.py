"""Which attestations make an alert: of how many oracles, of which ones, over what, in which form."""

from collections.abc import Callable

import pytest
from eth_account import Account as WalletAccount
from eth_account.messages import encode_typed_data
from hypothesis import given, strategies as st

from hospes.contracts import calls
from hospes.contracts.addresses import ALERTS, CONSENT
from hospes.contracts.genesis import FirstSet, Founder
from hospes.contracts.sets import oracle_threshold
from hospes.core.chain import DEMONSTRATION_CHAIN_ID, Role
from hospes.core.identities import CURVE_ORDER, Country, Hash, MemberId, to_hex
from hospes.core.messages import Attestation
from hospes.core.typed_data import Domain, digest, type_hash
from tests.contracts.conftest import DELAY_S, DOMAIN, SOURCES, SPEC, World, account, addresses, hash_of, refused
from tests.contracts.raising import FIRST, HOUR_S, SECOND, Raising, in_order, state_of

ORACLES = in_order("cor", "dun", "fox", "gil")
STATEMENT = "Attestation(bytes32 alertHash,uint32 oracleEpoch)"
"""Copied from PROTOCOL section 1 by hand, so that it does not come from the code it judges."""


@pytest.mark.parametrize("attesters", [(), ("cor",), ("gil",)])
def test_fewer_than_f_plus_1_are_not_enough(world: World, attesters: tuple[str, ...]) -> None:
    """Of four oracles one may be faulty, so two must attest; none or one raises nothing."""
    with refused("attestations_missing"):
        Raising(attesters=attesters).raised(world)
    assert not state_of(world).raised


@pytest.mark.parametrize("attesters", [ORACLES[:2], ORACLES[1:3], ORACLES[2:], ORACLES[:3], ORACLES])
def test_any_f_plus_1_or_more_are_enough(world: World, attesters: tuple[str, ...]) -> None:
    """Whichever two, three or four oracles attest, the alert is raised; whether the sender is one does not matter."""
    Raising(attesters=attesters, sender="gil").raised(world)
    assert state_of(world).raised


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7, 16])
def test_how_many_are_needed_depends_on_the_set(new_world: Callable[..., World], size: int) -> None:
    """Of n oracles floor((n - 1) / 3) + 1 are needed, and one fewer is not enough."""
    names = in_order(*(f"oracle-{i}" for i in range(size)))
    founders = (Founder(account(name).address, MemberId(name), Role.ORACLE, Country("PT")) for name in names)
    needed = (size - 1) // 3 + 1
    assert oracle_threshold(size) == needed
    first = FirstSet(addresses(*names), needed)
    world = new_world(members=(*SPEC.members, *founders), oracles=first)
    with refused("attestations_missing"):
        Raising(attesters=names[: needed - 1], sender=names[0]).raised(world)
    Raising(attesters=names[:needed], sender=names[0]).raised(world)
    Raising(SECOND, attesters=names, sender=names[0]).raised(world)


def test_one_oracle_counts_once(world: World) -> None:
    """The same oracle's attestation twice, or beside another's, is refused: each counts once."""
    first, second = ORACLES[:2]
    for attesters in ((first, first), (first, second, second), (first, first, second)):
        with refused("attesters_not_in_order"):
            Raising(attesters=attesters).raised(world)


def test_attestations_stand_in_order(world: World) -> None:
    """Attestations in another order than that of their signers' addresses are refused."""
    with refused("attesters_not_in_order"):
        Raising(attesters=ORACLES[1::-1]).raised(world)
    signed = {account(name).address: account(name).sign(FIRST) for name in reversed(ORACLES)}
    assert calls.in_order(signed) == tuple(account(name).sign(FIRST) for name in ORACLES)


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_who_is_no_oracle_does_not_attest(world: World, name: str) -> None:
    """A member that is no oracle, and a stranger, make the call fail, also beside enough oracles."""
    for others in (("cor",), ("cor", "dun")):
        with refused("attester_not_in_office"):
            Raising(attesters=in_order(name, *others)).raised(world)


def test_an_oracle_out_of_office_does_not_attest(new_world: Callable[..., World]) -> None:
    """A member with the role, but not in the set, does not count."""
    world = new_world(oracles=FirstSet(addresses("cor", "dun", "fox"), 1))
    with refused("attester_not_in_office"):
        Raising(attesters=("gil",), sender="gil").raised(world)
    Raising(attesters=("fox",), sender="gil").raised(world)


def test_a_suspended_oracle_does_not_attest(world: World) -> None:
    """A set keeps a member that was suspended since; its attestation counts no more, and the others' do."""
    world.suspend("fox")
    with refused("attester_not_active"):
        Raising(attesters=in_order("cor", "fox")).raised(world)
    Raising(attesters=in_order("cor", "gil")).raised(world)


def changed_oracles(world: World) -> None:
    """Let a vote put other oracles in office: gil left, the three others stay."""
    number = world.propose("ada", calls.propose_epoch(Role.ORACLE, 1, addresses("cor", "dun", "fox")))
    world.vote(number, "ada", "bel", "cor", "dun")
    world.pass_time(DELAY_S)
    world.execute(number)


def test_only_the_epoch_in_office_attests(world: World) -> None:
    """After a change of oracles the epoch before is over: neither its attestations nor who left it count."""
    changed_oracles(world)
    now = Raising(deadline=world.time + HOUR_S, epoch=2, attesters=("cor",))
    with refused("oracle_epoch_not_in_office"):
        now.but(epoch=1, attesters=ORACLES).raised(world)
    with refused("attester_not_in_office"):
        now.but(attesters=("gil",), sender="gil").raised(world)
    with refused("attester_not_in_office"):
        old = now.but(epoch=1)
        world.send(ALERTS, calls.raise_alert(FIRST, *now.state, old.attestations), now.account)
    now.raised(world)
    assert state_of(world).oracle_epoch == 2


@pytest.mark.parametrize("epoch", [0, 2, 2**32 - 1])
def test_no_other_epoch_attests(world: World, epoch: int) -> None:
    """An epoch that is not in office yet, and epoch zero, do not count."""
    with refused("oracle_epoch_not_in_office"):
        Raising(epoch=epoch).raised(world)


@pytest.mark.parametrize("epoch", [0, 1])
@pytest.mark.parametrize("attesters", [(), ("cor",), ("cor", "dun")])
def test_before_the_first_oracles_nothing_is_raised(
    new_world: Callable[..., World], attesters: tuple[str, ...], epoch: int
) -> None:
    """A network that begins without oracles in office has no epoch for which no attestation would be enough."""
    world = new_world(oracles=None)
    with refused("oracle_epoch_not_in_office"):
        Raising(attesters=attesters, epoch=epoch).raised(world)


# ------------------------------------------------------------------------------------------------- what and how signed


@pytest.mark.parametrize(
    "domain",
    [Domain(DEMONSTRATION_CHAIN_ID + 1, CONSENT), Domain(DEMONSTRATION_CHAIN_ID, ALERTS)],
    ids=["chain", "contract"],
)
def test_another_network_or_contract_cannot_use_it(world: World, domain: Domain) -> None:
    """What was attested for another chain id, or with another verifying contract, is nobody's attestation here."""
    with refused("attester_not_in_office"):
        Raising(domain=domain).raised(world)


def test_another_alert_or_epoch_cannot_use_it(world: World) -> None:
    """An attestation counts for the alert and the epoch that it names: it raises nothing else."""
    sent = Raising()
    for other in (sent.but(alert_hash=SECOND), sent.but(epoch=2)):
        with refused("attester_not_in_office"):
            world.send(ALERTS, calls.raise_alert(FIRST, *sent.state, other.attestations), sent.account)


def test_another_message_of_an_oracle_is_no_attestation(world: World) -> None:
    """A signature over the bare hash of the alert, as any other message gives it, does not count."""
    signatures = [account(name).sign(FIRST) for name in in_order("cor", "dun")]
    with refused("attester_not_in_office"):
        world.send(ALERTS, calls.raise_alert(FIRST, *Raising().state, signatures), account("cor"))


def twin(signature: bytes) -> bytes:
    """Return the other signature of the same key: s and v turned round."""
    s = CURVE_ORDER - int.from_bytes(signature[32:64])
    return signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])


Mend = Callable[[bytes], bytes]
FORMS: dict[str, tuple[Mend, str]] = {
    "none": (lambda _: b"", "signature_length"),
    "short": (lambda signature: signature[:64], "signature_length"),
    "long": (lambda signature: signature + b"\0", "unknown"),
    "high s": (twin, "signature_high_s"),
    "v 0": (lambda signature: signature[:64] + b"\0", "signature_v"),
    "v less 27": (lambda signature: signature[:64] + bytes([signature[64] - 27]), "signature_v"),
    "other v": (lambda signature: signature[:64] + bytes([55 - signature[64]]), "attester_not_in_office"),
    "other r": (lambda signature: bytes([signature[0] ^ 1]) + signature[1:], "attester_not_in_office"),
    "nobody's": (lambda _: bytes(64) + b"\x1b", "attester_not_in_office"),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_attestation_has_one_form(world: World, form: str) -> None:
    """An attestation that is shortened, lengthened, turned round or changed makes the call fail."""
    mend, reason = FORMS[form]
    with refused(reason):
        Raising(mend=mend).raised(world)
    Raising().raised(world)


def test_a_refused_call_can_be_sent_again(world: World) -> None:
    """A call that failed for one attestation left nothing: the rest may be sent without it."""
    with refused("attester_not_in_office"):
        Raising(attesters=in_order("ada", "cor", "dun")).raised(world)
    Raising(attesters=in_order("cor", "dun")).raised(world)


def test_the_type_stands_in_the_source_as_in_the_protocol() -> None:
    """The source spells the type out, and its hash is the library's."""
    assert f'keccak256("{STATEMENT}")' in (SOURCES / "alerts.vy").read_text()
    assert type_hash(Attestation) == hash_of(STATEMENT)


def by_wallet(epoch: int) -> list[bytes]:
    """Return two oracles' attestations as eth-account, somebody else's code, signs them."""
    domain = {"name": "Hospes", "version": "1", "chainId": DOMAIN.chain_id, "verifyingContract": to_hex(CONSENT)}
    members = [{"type": "bytes32", "name": "alertHash"}, {"type": "uint32", "name": "oracleEpoch"}]
    message = {"alertHash": FIRST, "oracleEpoch": epoch}
    signable = encode_typed_data(domain_data=domain, message_types={"Attestation": members}, message_data=message)
    keys = [account(name).secret for name in in_order("cor", "dun")]
    return [bytes(WalletAccount.sign_message(signable, key).signature) for key in keys]


def test_the_contract_takes_a_wallets_attestation(world: World) -> None:
    """What eth-account signs over the JSON of an attestation is taken, and is what the library signs."""
    sent = Raising()
    assert by_wallet(1) == list(sent.attestations)
    world.send(ALERTS, calls.raise_alert(FIRST, *sent.state, by_wallet(1)), sent.account)


@given(name=st.binary(min_size=32, max_size=32).filter(any), attesters=st.sets(st.sampled_from(ORACLES)))
def test_any_alert_is_raised_by_enough(shared_world: World, name: bytes, attesters: set[str]) -> None:
    """Whatever the hash, it is raised exactly when at least two oracles attested that hash."""
    sent = Raising(Hash(name), attesters=in_order(*attesters))
    with shared_world.anchor():
        if len(attesters) < 2:
            with refused("attestations_missing"):
                sent.raised(shared_world)
        else:
            sent.raised(shared_world)
        assert state_of(shared_world, sent.alert_hash).raised is (len(attesters) >= 2)


def test_the_digest_is_of_the_attestation_alone() -> None:
    """Two epochs, two alerts and two networks have different digests."""
    messages = Attestation(FIRST, 1), Attestation(FIRST, 2), Attestation(SECOND, 1)
    domains = DOMAIN, Domain(DOMAIN.chain_id + 1, CONSENT)
    assert len({digest(domain, message) for domain in domains for message in messages}) == 6
