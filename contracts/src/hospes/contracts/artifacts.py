"""What the compiler made of the contracts: interfaces and code, read from the package.

It does not compile (``tools/build_contracts.py`` does, and checks that these files are current) and does not encode
(see `calls`).

Sources: ``artifacts.json`` and ``layout.json`` beside this module.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from hospes.contracts.addresses import ACCESS_LOG, ALERTS, CONSENT, REGISTRY
from hospes.core.identities import Address, Hash, from_hex, keccak

ADDRESSES: Final = {"access_log": ACCESS_LOG, "alerts": ALERTS, "consent": CONSENT, "registry": REGISTRY}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a function or an event.

    Attributes
    ----------
    name, kind : str
        `kind` is its Solidity type, such as ``address[]``.
    indexed : bool
        For events only.
    """

    name: str
    kind: str
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One external function.

    Attributes
    ----------
    name : str
    inputs : tuple of Parameter
    writes : bool
        Whether it can change the state.
    """

    name: str
    inputs: tuple[Parameter, ...]
    writes: bool

    @property
    def selector(self) -> bytes:
        """The first four bytes of a call."""
        return keccak(_signature(self.name, self.inputs))[:4]


@dataclass(frozen=True, slots=True)
class Event:
    """One event."""

    name: str
    inputs: tuple[Parameter, ...]

    @property
    def topic(self) -> Hash:
        """The first topic of its logs."""
        return keccak(_signature(self.name, self.inputs))


@dataclass(frozen=True, slots=True)
class Artifact:
    """One contract.

    Attributes
    ----------
    name : str
        ``registry``, ``consent``, ``access_log`` or ``alerts``.
    address : Address
    abi : tuple of dict
        As JSON, for web3 and other people's tools; this package uses `functions` and `events`.
    functions, events : tuple
    runtime_code, creation_code : bytes
        A genesis places the runtime code; the contracts have no constructor.
    """

    name: str
    address: Address
    abi: tuple[dict[str, Any], ...]
    functions: tuple[Function, ...]
    events: tuple[Event, ...]
    runtime_code: bytes
    creation_code: bytes

    @property
    def code_hash(self) -> Hash:
        """keccak256 of the runtime code, as the chain's state has it."""
        return keccak(self.runtime_code)

    def function(self, name: str) -> Function:
        """Return the function of this name; `KeyError` when there is none."""
        return {function.name: function for function in self.functions}[name]


@cache
def load() -> dict[str, Artifact]:
    """Return the artifacts by the name of their contract."""
    tree = read_json("artifacts.json")
    return {name: _artifact(name, contract) for name, contract in tree["contracts"].items()}


def read_json(name: str) -> dict[str, Any]:
    """Read one of the generated files of this package."""
    text = (files("hospes.contracts") / name).read_text("utf-8")
    tree: dict[str, Any] = json.loads(text)
    return tree


def _artifact(name: str, tree: dict[str, Any]) -> Artifact:
    abi: list[dict[str, Any]] = tree["abi"]
    functions = (
        Function(item["name"], _parameters(item), item["stateMutability"] in ("nonpayable", "payable"))
        for item in abi
        if item["type"] == "function"
    )
    events = (Event(item["name"], _parameters(item)) for item in abi if item["type"] == "event")
    return Artifact(
        name=name,
        address=ADDRESSES[name],
        abi=tuple(abi),
        functions=tuple(functions),
        events=tuple(events),
        runtime_code=from_hex(tree["runtimeCode"], None, f"{name}.runtimeCode"),
        creation_code=from_hex(tree["creationCode"], None, f"{name}.creationCode"),
    )


def _parameters(item: dict[str, Any]) -> tuple[Parameter, ...]:
    return tuple(Parameter(each["name"], each["type"], each.get("indexed", False)) for each in item["inputs"])


def _signature(name: str, inputs: tuple[Parameter, ...]) -> bytes:
    return f"{name}({','.join(each.kind for each in inputs)})".encode("ascii")
