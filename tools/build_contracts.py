"""Compile the contracts and write, or with ``--check`` compare, the files that are generated from them.

It writes ``artifacts.json`` (what a genesis, a node and a relay need, so that none of them needs a compiler) and
``layout.json`` (where everything stands in storage, a part of the protocol), the latter twice: beside the contracts'
README for readers, and inside the package for programs. It does not deploy and does not test.

Sources: PROTOCOL section 2 ("Storage"); Vyper 0.4.3, whose own layout and types are what is written down here.
"""

# The compiler has no type hints of its own.
# mypy: disable-error-code="import-untyped"
# pyright: basic

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Final

from vyper import __version__ as vyper_version
from vyper.compiler import CompilerData
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.output import build_abi_output
from vyper.compiler.settings import Settings
from vyper.semantics.types.subscriptable import HashMapT
from vyper.semantics.types.user import EventT, StructT

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCES: Final = ROOT / "contracts" / "src" / "hospes" / "contracts"
ARTIFACTS: Final = SOURCES / "artifacts.json"
LAYOUTS: Final = (ROOT / "contracts" / "layout.json", SOURCES / "layout.json")
CONTRACTS: Final = ("access_log", "alerts", "consent", "registry")
EVM_VERSION: Final = "prague"
COMPILER: Final = {"name": "vyper", "version": vyper_version, "evmVersion": EVM_VERSION}
GENERATOR: Final = "tools/build_contracts.py"
WORDS: Final = {
    "access_log": {},
    "alerts": {"words": ["raisedBlock", "raisedTime", "acknowledgedBlock", "acknowledgedTime"]},
    "consent": {"words": ["givenBlock", "givenTime", "withdrawnBlock", "withdrawnTime"]},
    "registry": {"word": ["roles", "country", "admittedBlock", "suspendedBlock"]},
}
"""The words that the contracts pack by hand, highest 64 bits first (PROTOCOL section 2)."""
PACKED: Final = {"alerts": {"asked": {"addressee": 160, "deadline": 64, "oracleEpoch": 32}}}
"""The words with parts of other sizes: their bits, highest first (PROTOCOL section 7)."""

Tree = dict[str, Any]


def compile_contract(name: str) -> CompilerData:
    """Compile one contract for the EVM version of the protocol."""
    bundle = FilesystemInputBundle([SOURCES])
    return CompilerData(bundle.load_file(f"{name}.vy"), bundle, settings=Settings(evm_version=EVM_VERSION))


def artifact(compiled: CompilerData) -> Tree:
    """Return what a program needs to place and call one contract."""
    return {
        "abi": build_abi_output(compiled),
        "creationCode": "0x" + compiled.bytecode.hex(),
        "runtimeCode": "0x" + compiled.bytecode_runtime.hex(),
    }


def artifacts(compiled: dict[str, CompilerData]) -> Tree:
    """Return the contents of ``artifacts.json``."""
    sources = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(SOURCES.glob("*.vy"))}
    contracts = {name: artifact(data) for name, data in compiled.items()}
    return {"generator": GENERATOR, "compiler": COMPILER, "sourcesSha256": sources, "contracts": contracts}


def struct_of(kind: object) -> StructT | None:
    """Return the struct that a storage variable's mappings lead to, if any."""
    while isinstance(kind, HashMapT):
        kind = kind.value_type
    return kind if isinstance(kind, StructT) else None


def struct_layout(struct: StructT) -> Tree:
    """Return the place of each member of a struct: slots from the struct's first."""
    offset, members = 0, {}
    for name, kind in struct.member_types.items():
        members[name] = {"offset": offset, "slots": kind.storage_size_in_words, "type": str(kind)}
        offset += kind.storage_size_in_words
    return members


def event_layout(event: EventT) -> Tree:
    """Return an event's signature, its topic, and which of its arguments are indexed."""
    indexed = dict(zip(event.arguments, event.indexed, strict=True))
    return {
        "signature": event.signature,
        "topic": "0x" + event.event_id.to_bytes(32).hex(),
        "indexed": [name for name, flag in indexed.items() if flag],
        "data": [name for name, flag in indexed.items() if not flag],
    }


def contract_layout(name: str, compiled: CompilerData) -> Tree:
    """Return the storage and the events of one contract, as the compiler has them."""
    module = compiled.global_ctx
    slots = compiled.storage_layout["storage_layout"]
    structs = [struct for struct in (struct_of(module.variables[variable].typ) for variable in slots) if struct]
    events = [node._metadata["event_type"] for node in module.event_defs]  # noqa: SLF001 - the compiler's only way
    return {
        "storage": {variable: {"slot": place["slot"], "type": place["type"]} for variable, place in slots.items()},
        "structs": {struct.name: struct_layout(struct) for struct in structs},
        "words": WORDS[name],
        "packed": PACKED.get(name, {}),
        "events": {event.name: event_layout(event) for event in events},
    }


def layout(compiled: dict[str, CompilerData]) -> Tree:
    """Return the contents of ``layout.json``."""
    return {
        "generator": GENERATOR,
        "compiler": COMPILER,
        "mapping": "keccak256(slot || key), both 32 bytes; a nested mapping applies it again",
        "word": "four uint64, the first in the highest 64 bits",
        "packed": "one word: each part with its number of bits, the first in the highest",
        "bytes": "String and Bytes: the length in the first slot, the data from the next one on, padded on the right",
        "array": "DynArray: the length in the first slot, one item in each slot after it",
        "contracts": {name: contract_layout(name, data) for name, data in compiled.items()},
    }


def generated() -> dict[Path, str]:
    """Return every generated file with the text it should have."""
    compiled = {name: compile_contract(name) for name in CONTRACTS}
    texts = {ARTIFACTS: artifacts(compiled)} | dict.fromkeys(LAYOUTS, layout(compiled))
    return {path: json.dumps(tree, indent=2) + "\n" for path, tree in texts.items()}


def main() -> int:
    """Write the files, or report the ones that are not current."""
    parser = argparse.ArgumentParser(description="Generate the files that come from the contracts.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a file is not current")
    check: bool = parser.parse_args().check
    files = generated()
    stale = [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        print(f"{'not current' if check else 'written'}: {path.relative_to(ROOT)}")
        if not check:
            path.write_text(files[path], "utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
