"""The digests that the contracts rebuild are those that wallets sign, by three implementations.

The contracts build a digest from hashes, the library from whole messages, and eth-account, somebody else's code, from
the JSON that a wallet shows. A signature made by each of the latter two is what the first takes.
"""

from typing import Any, Final

import pytest
from eth_account import Account as WalletAccount
from eth_account.messages import encode_typed_data
from hypothesis import given, strategies as st

from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.core.identities import Address, Hash, keccak, to_hex
from hospes.core.messages import Consent, Deposit, Ending, Grant, Withdrawal
from hospes.core.typed_data import Message, digest, hash_list, hash_struct, hash_words, type_hash
from tests.contracts.conftest import DOMAIN, FAR, SOURCES, Traveller, World, deposit_body, erasure_of, grants

DOMAIN_JSON: Final = {
    "name": "Hospes",
    "version": "1",
    "chainId": DOMAIN.chain_id,
    "verifyingContract": to_hex(DOMAIN.verifying_contract),
}
GRANT: Final = (
    "string who,string[] what,string[] why,string[] where,uint64 notBefore,uint64 notAfter,bytes32 gate,bytes32 salt"
)
BODY: Final = (
    "bytes32 record,string what,bytes32 manifest,uint32 keeperEpoch,uint8 threshold,bytes32[] shareHashes,"
    "bytes32 keyCheck,uint64 depositedAt,bytes32 salt"
)
TYPES: Final = {
    "Grant": GRANT,
    "Consent": "Grant[] grants,uint64 deadline",
    "Withdrawal": "Grant[] grants",
    "Ending": "uint64 through",
    "DepositBody": BODY,
    "Deposit": "address journey,DepositBody body",
    "Erasure": "bytes32[] records,bytes32[] digests,uint64 deadline,bytes32 salt",
}
"""Copied from PROTOCOL section 1 by hand, so that it does not come from the code it judges."""


def fields(name: str) -> list[dict[str, str]]:
    """Return the members of a type as a wallet wants them."""
    pairs = (member.split(" ") for member in TYPES[name].split(","))
    return [{"type": kind, "name": member} for kind, member in pairs]


def by_wallet(name: str, message: dict[str, Any], *referenced: str) -> Any:  # noqa: ANN401 - eth-account's own type
    """Return eth-account's encoding of a message."""
    types = {each: fields(each) for each in (name, *referenced)}
    return encode_typed_data(domain_data=DOMAIN_JSON, message_types=types, message_data=message)


def wallet_digest(signable: Any) -> Hash:  # noqa: ANN401 - as `by_wallet`
    """Return the digest of eth-account's encoding."""
    return keccak(b"\x19" + signable.version + signable.header + signable.body)


def shown(grant: Grant) -> dict[str, Any]:
    """Return a grant as JSON."""
    return {
        "who": grant.who,
        "what": list(grant.what),
        "why": list(grant.why),
        "where": list(grant.where),
        "notBefore": grant.not_before,
        "notAfter": grant.not_after,
        "gate": grant.gate,
        "salt": grant.salt,
    }


def shown_body() -> dict[str, Any]:
    """Return the body of a deposit as JSON."""
    body = deposit_body()
    return {
        "record": body.record,
        "what": body.what,
        "manifest": body.manifest,
        "keeperEpoch": body.keeper_epoch,
        "threshold": body.threshold,
        "shareHashes": list(body.share_hashes),
        "keyCheck": body.key_check,
        "depositedAt": body.deposited_at,
        "salt": body.salt,
    }


ANNA: Final = Traveller()
LIST: Final = grants(1, 2, 3)
ERASURE: Final = erasure_of()

MESSAGES: Final[dict[str, tuple[Message, Any]]] = {
    "Consent": (
        Consent(LIST, FAR),
        by_wallet("Consent", {"grants": [shown(each) for each in LIST], "deadline": FAR}, "Grant"),
    ),
    "Withdrawal": (
        Withdrawal(LIST),
        by_wallet("Withdrawal", {"grants": [shown(each) for each in LIST]}, "Grant"),
    ),
    "Ending": (Ending(9), by_wallet("Ending", {"through": 9})),
    "Deposit": (
        Deposit(ANNA.journey, deposit_body()),
        by_wallet("Deposit", {"journey": to_hex(ANNA.journey), "body": shown_body()}, "DepositBody"),
    ),
    "Erasure": (
        ERASURE,
        by_wallet(
            "Erasure",
            {
                "records": list(ERASURE.records),
                "digests": list(ERASURE.digests),
                "deadline": ERASURE.deadline,
                "salt": ERASURE.salt,
            },
        ),
    ),
}


def call_of(name: str, signature: bytes) -> tuple[Address, bytes]:
    """Return the call that brings a signed message."""
    journey = ANNA.journey
    records, digests = hash_words(ERASURE.records), hash_words(ERASURE.digests)
    match name:
        case "Consent":
            return CONSENT, calls.give(journey, hash_list(LIST), FAR, signature)
        case "Withdrawal":
            return CONSENT, calls.withdraw(journey, hash_list(LIST), signature)
        case "Ending":
            return CONSENT, calls.end(journey, 9, signature)
        case "Deposit":
            return ACCESS_LOG, calls.deposit(journey, hash_struct(deposit_body()), signature)
        case _:
            return ACCESS_LOG, calls.erase(journey, records, digests, ERASURE.deadline, ERASURE.salt, signature)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_library_and_a_wallet_hash_alike(name: str) -> None:
    """The digest of each message is the same by the library and by eth-account."""
    message, signable = MESSAGES[name]
    assert digest(DOMAIN, message) == wallet_digest(signable)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_contracts_take_a_wallets_signature(world: World, name: str) -> None:
    """A signature that eth-account makes over the JSON of a message is taken with the hashes alone."""
    signature = WalletAccount.sign_message(MESSAGES[name][1], ANNA.key.secret).signature
    (entry,) = world.deliver(call_of(name, bytes(signature))).entries
    if name in ("Deposit", "Erasure"):
        assert entry.entry_hash == wallet_digest(MESSAGES[name][1])


@pytest.mark.parametrize("name", MESSAGES)
def test_the_types_stand_in_the_sources_as_in_the_protocol(name: str) -> None:
    """The sources spell each type out, references after it, and its hash is the library's."""
    referenced = {"Consent": "Grant", "Withdrawal": "Grant", "Deposit": "DepositBody"}.get(name)
    text = f"{name}({TYPES[name]})" + (f"{referenced}({TYPES[referenced]})" if referenced else "")
    sources = "".join(path.read_text() for path in SOURCES.glob("*.vy"))
    assert f'keccak256(\n    "{text}"\n)' in sources or f'keccak256("{text}")' in sources
    assert type_hash(type(MESSAGES[name][0])) == keccak(text.encode())


@given(through=st.integers(1, 2**64 - 1))
def test_any_ending_is_taken(shared_world: World, through: int) -> None:
    """Whatever block is signed, the contract rebuilds the digest of exactly that one."""
    with shared_world.anchor():
        (entry,) = shared_world.deliver(ANNA.end(through)).entries
        assert entry.entry_hash == through.to_bytes(32)
