"""The generated files are current, and ape makes the same code of the sources."""

import hashlib
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from hospes.contracts.artifacts import load, read_json
from tests.contracts.conftest import SOURCES

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "build_contracts.py"


def test_generated_files_are_current() -> None:
    """What is committed is what the compiler makes of the sources."""
    result = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_the_artifacts_name_their_sources() -> None:
    """The artifacts hold the hash of every source file, and no other."""
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SOURCES.glob("*.vy")}
    assert read_json("artifacts.json")["sourcesSha256"] == hashes


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.vy")), ids=lambda path: path.stem)
def test_every_source_begins_with_its_pragmas(path: Path) -> None:
    """Each source asks for the installed compiler (else ape looks for another on the network), and for prague."""
    first, second = path.read_text().splitlines()[:2]
    assert re.fullmatch(r"# pragma version ~=0\.4\.3", first)
    assert second == "# pragma evm-version prague"
    assert version("vyper") == "0.4.3" == read_json("artifacts.json")["compiler"]["version"]


@pytest.mark.parametrize("name", ["access_log", "alerts", "consent", "registry"])
def test_the_code_on_the_chain_is_that_of_the_sources(compiled: dict[str, Any], name: str) -> None:
    """The runtime code of the artifacts is what the sources compile to, and fits into a contract (EIP-170)."""
    code = load()[name].runtime_code
    assert compiled[name].compiler_data.bytecode_runtime == code
    assert compiled[name].compiler_data.bytecode == load()[name].creation_code
    assert len(code) <= 24_576


def test_at_run_time_no_compiler_is_needed() -> None:
    """The package imports neither vyper nor ape nor a virtual machine nor web3."""
    names = "addresses, allocation, artifacts, calls, events, genesis, refusals, sets, storage"
    forbidden = ("vyper", "ape", "boa", "eth", "web3", "requests")
    program = (
        f"import sys; from hospes.contracts import {names}; artifacts.load(); events.events();"
        f"print([name for name in {forbidden} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


@pytest.mark.slow
def test_ape_compiles_the_same_code(tmp_path: Path) -> None:
    """`ape compile`, with the repository's configuration and no network, gives the code of the artifacts."""
    (tmp_path / "ape-config.yaml").write_text((ROOT / "ape-config.yaml").read_text())
    (tmp_path / "contracts").symlink_to(ROOT / "contracts")
    bin_path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    # A proxy that nobody listens on: whatever ape would fetch fails.
    environment = {"PATH": bin_path, "HOME": str(tmp_path), "HTTPS_PROXY": "http://127.0.0.1:9"}
    subprocess.run(["ape", "compile", "--force"], cwd=tmp_path, env=environment, capture_output=True, check=True)
    kinds = json.loads((tmp_path / ".build" / "__local__.json").read_text())["contractTypes"]
    for name, artifact in load().items():
        assert kinds[name]["runtimeBytecode"]["bytecode"] == "0x" + artifact.runtime_code.hex()
        assert kinds[name]["deploymentBytecode"]["bytecode"] == "0x" + artifact.creation_code.hex()
        assert kinds[name]["abi"] == list(artifact.abi)
