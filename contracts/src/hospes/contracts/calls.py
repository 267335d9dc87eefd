"""Calls of the contracts: calldata from arguments, and arguments from calldata.

One function for each call that changes something. It signs nothing and sends nothing, and does not know whether a call
will be accepted.

Sources: contracts/SPEC.md; Solidity ABI specification.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from hospes.contracts.abi import Value, decode_values, encode_values
from hospes.contracts.artifacts import ADDRESSES, Function, load
from hospes.core.chain import Role
from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Country, Hash, MemberId

MAX_CALL_BYTES: Final = 4096
"""No call of the contracts is longer; the longest is `escalate` with 16 attestations (2,788 bytes)."""


@dataclass(frozen=True, slots=True)
class Call:
    """A decoded call.

    Attributes
    ----------
    contract : str
        ``registry``, ``consent``, ``access_log`` or ``alerts``.
    function : str
    arguments : dict of str to Value
        By the names of the interface, in its order.
    """

    contract: str
    function: str
    arguments: dict[str, Value]

    @property
    def address(self) -> Address:
        """Where the call must be sent to mean this."""
        return ADDRESSES[self.contract]


def give(journey: Address, grants_hash: Hash, deadline: int, signature: bytes) -> bytes:
    """Encode the giving of a consent, for the consent contract."""
    return encode("consent", "give", journey, grants_hash, deadline, signature)


def withdraw(journey: Address, grants_hash: Hash, signature: bytes) -> bytes:
    """Encode the withdrawal of a consent, for the consent contract."""
    return encode("consent", "withdraw", journey, grants_hash, signature)


def end(journey: Address, through: int, signature: bytes) -> bytes:
    """Encode the ending of all consents given up to block `through`, for the consent contract."""
    return encode("consent", "end", journey, through, signature)


def append(journey: Address, access_hash: Hash) -> bytes:
    """Encode an access, for the access log; sent by the hospital's account."""
    return encode("access_log", "append", journey, access_hash)


def deposit(journey: Address, body_hash: Hash, signature: bytes) -> bytes:
    """Encode a deposit, for the access log."""
    return encode("access_log", "deposit", journey, body_hash, signature)


def erase(
    journey: Address, records_hash: Hash, digests_hash: Hash, deadline: int, salt: Hash, signature: bytes
) -> bytes:
    """Encode an erasure, for the access log."""
    return encode("access_log", "erase", journey, records_hash, digests_hash, deadline, salt, signature)


def raise_alert(
    alert_hash: Hash, addressee: Address, deadline: int, oracle_epoch: int, attestations: Sequence[bytes]
) -> bytes:
    """Encode the raising of an alert, for the alerts; sent by an oracle's account.

    Parameters
    ----------
    alert_hash : Hash
        Digest of the `Alert`.
    addressee : Address
        The account of the hospital that the `Alert` names.
    deadline : int
        The `Alert`'s, Unix seconds.
    oracle_epoch : int
        The one in office, as each `Attestation` names it.
    attestations : sequence of bytes
        Signatures over the `Attestation`, in the order of `in_order`.
    """
    return encode("alerts", "raise_alert", alert_hash, addressee, deadline, oracle_epoch, tuple(attestations))


def acknowledge(alert_hash: Hash) -> bytes:
    """Encode a hospital's acknowledgement, for the alerts; sent by the account that the alert was raised to."""
    return encode("alerts", "acknowledge", alert_hash)


def escalate(
    alert_hash: Hash,
    next_hash: Hash,
    addressee: Address,
    deadline: int,
    oracle_epoch: int,
    attestations: Sequence[bytes],
) -> bytes:
    """Encode the raising of the next alert after the deadline of `alert_hash`; the rest as `raise_alert`."""
    rest = addressee, deadline, oracle_epoch, tuple(attestations)
    return encode("alerts", "escalate", alert_hash, next_hash, *rest)


def in_order(attestations: Mapping[Address, bytes]) -> tuple[bytes, ...]:
    """Return the signatures of oracles in the order that the contract needs: by address."""
    return tuple(attestations[oracle] for oracle in sorted(attestations))


def set_service(url: str, box_key: bytes) -> bytes:
    """Encode where the sender's services are from now on, for the registry."""
    return encode("registry", "set_service", url, box_key)


def propose_admission(account: Address, member: MemberId, roles: Role, country: Country) -> bytes:
    """Encode the proposal of a new member, for the registry."""
    name = member.encode("ascii").ljust(32, b"\0")
    return encode("registry", "propose_admission", account, name, int(roles), country.encode("ascii"))


def propose_suspension(account: Address) -> bytes:
    """Encode the proposal to suspend a member, for the registry."""
    return encode("registry", "propose_suspension", account)


def propose_epoch(role: Role, threshold: int, accounts: Sequence[Address]) -> bytes:
    """Encode the proposal of the next keepers, oracles or validators, for the registry; `role` has one bit."""
    return encode("registry", "propose_epoch", int(role), threshold, tuple(accounts))


def vote(number: int, *, support: bool) -> bytes:
    """Encode a vote for a proposal, or (without `support`) taking it back, for the registry."""
    return encode("registry", "vote", number, support)


def execute(number: int) -> bytes:
    """Encode the execution of a proposal that passed, for the registry."""
    return encode("registry", "execute", number)


def encode(contract: str, function: str, *arguments: Value) -> bytes:
    """Encode a call by names; the functions above are the typed way.

    Raises
    ------
    MalformedError
        When an argument does not fit its type.
    """
    interface = load()[contract].function(function)
    return interface.selector + encode_values(f"call of {function}", interface.inputs, arguments)


def decode_call(data: bytes) -> Call:
    """Read the calldata of a call that changes something.

    The data do not tell the contract; whoever sends or relays it must compare `Call.address`.

    Raises
    ------
    MalformedError
        When it is no such call, or not in the one form in which this module writes it.
    """
    if len(data) > MAX_CALL_BYTES or data[:4] not in _writing():
        raise MalformedError("call", "", "no contract of Hospes has this function")
    contract, interface = _writing()[data[:4]]
    arguments = decode_values(f"call of {interface.name}", interface.inputs, data[4:])
    return Call(contract, interface.name, arguments)


@cache
def _writing() -> dict[bytes, tuple[str, Function]]:
    """Return the functions that change something by their selectors, which no two contracts share."""
    return {
        function.selector: (name, function)
        for name, artifact in load().items()
        for function in artifact.functions
        if function.writes
    }
