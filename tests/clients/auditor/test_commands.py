"""The command: what an auditor types, reads and can script."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from eth_utils.address import to_checksum_address

from hospes.clients.auditor.commands import audit
from hospes.core.audit import AuditBundle, Evidence
from hospes.core.errors import ConfigurationError, HospesError, MalformedError, ProofError
from hospes.core.genesis import Genesis
from hospes.core.identities import Hash, keccak, to_hex
from hospes.service.network import Network, store_network
from hospes.service.node import Node
from tests.simulators.paper_chain import PaperChain
from tests.simulators.paper_journey import Journey


def _run(*arguments: str | Path, columns: int = 160) -> Result:
    return CliRunner().invoke(audit, [str(argument) for argument in arguments], env={"COLUMNS": str(columns)})


def _node_of(chain: PaperChain) -> Callable[[str], Node]:
    """Return a way to the chain's node, whatever the address."""

    def at(address: str) -> Node:
        del address
        return chain.node()

    return at


@pytest.fixture
def file(bundle: AuditBundle, tmp_path: Path) -> Path:
    """The bundle on a disk."""
    path = tmp_path / "bundle.json"
    path.write_bytes(bundle.encode())
    return path


def test_a_true_bundle_ends_with_the_sentence_and_code_0(file: Path, pin: Hash) -> None:
    """The last line of the output is the verdict, the entries stand above it."""
    result = _run("verify", file, "--genesis", to_hex(pin))
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[-1].startswith("Complete up to block 8 at ")
    assert "whose word is trusted" in result.output
    assert "Dr. Nuñez (PT) asked" in result.output
    assert "relayed by keeper-porto" in result.output


def test_the_pin_may_come_as_the_genesis_file(file: Path, journey_chain: PaperChain, tmp_path: Path) -> None:
    """An auditor may hold the pin itself or the document that it is of."""
    path = tmp_path / "genesis.json"
    path.write_bytes(journey_chain.genesis.encode())
    assert _run("verify", file, "--genesis", path).exit_code == 0


def test_a_refuted_bundle_ends_with_code_1(file: Path) -> None:
    """A script need not read the sentence."""
    result = _run("verify", file, "--genesis", to_hex(keccak(b"another network")))
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("NOT PROVEN: ")


@pytest.mark.parametrize(
    ("as_of", "code"), [("1900000000", 0), ("2030-03-17", 0), ("2030-03-17T17:46:48Z", 0), ("2030-03-17T17:46:49Z", 1)]
)
def test_a_time_may_be_asked_for_in_words_or_seconds(file: Path, pin: Hash, as_of: str, code: int) -> None:
    """Dates without a zone are UTC."""
    assert _run("verify", file, "--genesis", to_hex(pin), "--as-of", as_of).exit_code == code


def test_json_holds_the_verdict(file: Path, pin: Hash) -> None:
    """Everything on the screen is in the JSON, with stable codes."""
    result = _run("verify", file, "--genesis", to_hex(pin), "--as-of", str(2**40), "--json")
    tree = json.loads(result.output)
    assert result.exit_code == 1
    assert tree["proven"] is False
    assert [finding["code"] for finding in tree["findings"]] == ["as-of"]
    assert [line["number"] for line in tree["lines"]] == [str(number) for number in range(1, 9)]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--genesis", "0x12"], "pin is malformed"),
        (["--genesis", "nowhere.json"], "nowhere.json: the file cannot be read"),
        (["--genesis", "0x" + "1" * 64, "--as-of", "yesterday"], "--as-of is malformed"),
        (["--genesis", "0x" + "1" * 64, "--as-of", "1" * 5_000], "--as-of is malformed"),
        (["--genesis", "0x" + "1" * 64, "--as-of", "\u0661\u0662"], "--as-of is malformed"),
        (["--genesis", "0x" + "1" * 64, "--checkpoint", "12"], "--checkpoint is malformed"),
    ],
)
def test_a_wrong_argument_is_one_line(file: Path, arguments: list[str], text: str) -> None:
    """An error says what is wrong in one line, which the `hospes` command prints."""
    result = _run("verify", file, *arguments)
    assert isinstance(result.exception, HospesError)
    assert text in str(result.exception)
    assert "\n" not in str(result.exception)


def test_a_file_that_is_no_bundle_is_one_line(tmp_path: Path, pin: Hash) -> None:
    """A wrong file is refused before anything is judged."""
    path = tmp_path / "other.json"
    path.write_bytes(b"{}")
    result = _run("verify", path, "--genesis", to_hex(pin))
    assert isinstance(result.exception, MalformedError)
    assert str(result.exception).startswith(f"{path} is no audit bundle: ")
    swapped = _run("verify", path, "--genesis", path)
    assert str(swapped.exception).startswith(f"{path} is no genesis.json: ")


@pytest.mark.parametrize("journey", ["Lisboa", "0x12", "11" * 20, "0x" + "\u0661" * 40])
def test_a_journey_that_is_no_address_is_told_where_it_stands(journey: str, tmp_path: Path) -> None:
    """Its number or name is the wallet's own; nothing is asked of a network for it."""
    result = _run("bundle", journey, "--out", tmp_path / "bundle.json")
    assert isinstance(result.exception, MalformedError)
    assert "hospes wallet status" in str(result.exception)


def _with_a_newline(data: bytes) -> bytes:
    return data + b"\n"


def _with_spaces(data: bytes) -> bytes:
    return json.dumps(json.loads(data)).encode()


@pytest.mark.parametrize("respell", [_with_a_newline, _with_spaces])
def test_a_respelled_file_is_told_so(file: Path, pin: Hash, respell: Callable[[bytes], bytes]) -> None:
    """White space at the end, or another spelling of the same JSON, is refused by name; nothing in it is judged."""
    file.write_bytes(respell(file.read_bytes()))
    result = _run("verify", file, "--genesis", to_hex(pin))
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(f"NOT PROVEN: {file} was changed since it was written")
    tree = json.loads(_run("verify", file, "--genesis", to_hex(pin), "--json").output)
    assert [finding["code"] for finding in tree["findings"]] == ["file"]


@pytest.mark.parametrize("columns", [40, 60, 80, 99])
def test_a_narrow_terminal_loses_nothing(file: Path, pin: Hash, columns: int) -> None:
    """Below the width of a table each entry is a block of lines: all that the JSON says, names in one piece."""
    shown = _run("verify", file, "--genesis", to_hex(pin), columns=columns).output
    words = " ".join(shown.split())
    for line in json.loads(_run("verify", file, "--genesis", to_hex(pin), "--json").output)["lines"]:
        assert line["who"] in shown
        assert f"{line['kind']}, " in words
        assert line["meaning"] in words


def test_collecting_writes_a_bundle_that_verifies(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a node, and what two holders saved, to a verdict on another machine."""
    chain = journey.chain
    monkeypatch.setattr(Node, "at", _node_of(chain))
    store_network(Network(chain.genesis, "http://ledger.test", (), tmp_path))
    halves = tuple(journey.openings[:2]), tuple(journey.openings[1:])
    files = [tmp_path / "hospital.evidence", tmp_path / "wallet.evidence"]
    for path, openings in zip(files, halves, strict=True):
        held = Evidence(chain.genesis.pin(), journey.account.address, openings, tuple(journey.answers), ())
        path.write_bytes(held.encode())
    out, address = tmp_path / "out.json", to_hex(journey.account.address)
    options = [option for path in files for option in ("--evidence", path)]
    capitals = to_checksum_address(address)
    monkeypatch.setattr(Genesis, "demonstration", property(lambda _: True))
    result = _run("bundle", capitals, "--out", out, "--network", tmp_path, "--since", "2", *options)
    assert result.exit_code == 0, result.output
    assert f"8 entries of {address}" in result.output
    assert result.output.startswith("This is the demonstration network")
    assert result.output.splitlines()[-1].startswith("Complete up to block 8")
    checkpoint = f"3:{to_hex(keccak(chain.blocks[3].header))}"
    verified = _run("verify", out, "--genesis", tmp_path / "genesis.json", "--checkpoint", checkpoint)
    assert verified.exit_code == 0, verified.output
    assert out.stat().st_mode & 0o777 == 0o600
    assert len(AuditBundle.decode(out.read_bytes()).openings) == len(journey.openings)


def test_an_address_without_entries_is_no_clean_bill(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped address has an empty history, which is proven; the sentence asks to compare the address."""
    monkeypatch.setattr(Node, "at", _node_of(journey.chain))
    store_network(Network(journey.chain.genesis, "http://ledger.test", (), tmp_path))
    result = _run("bundle", "0x" + "1" * 40, "--out", tmp_path / "out.json", "--network", tmp_path)
    assert result.exit_code == 0, result.output
    last = result.output.splitlines()[-1]
    assert last.startswith("Nothing was ever written under this address")
    assert "compare it with the traveller's" in last
    assert "Complete" not in last


@pytest.mark.parametrize(("since", "code"), [("8", 0), ("9", 1)])
def test_a_block_that_is_not_there_yet_is_no_beginning(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, since: str, code: int
) -> None:
    """From the latest final block on a bundle can be proven; from a later one none can, and nothing is written."""
    monkeypatch.setattr(Node, "at", _node_of(journey.chain))
    store_network(Network(journey.chain.genesis, "http://ledger.test", (), tmp_path))
    address, out = to_hex(journey.account.address), tmp_path / "out.json"
    result = _run("bundle", address, "--out", out, "--network", tmp_path, "--since", since)
    assert result.exit_code == code
    assert out.exists() is (code == 0)
    if code:
        assert "block 9 is above the latest final block, which is 8" in str(result.exception)


def test_a_bundle_that_cannot_be_written_leaves_nothing(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a file stands in the place of its folder, the error names it."""
    monkeypatch.setattr(Node, "at", _node_of(journey.chain))
    store_network(Network(journey.chain.genesis, "http://ledger.test", (), tmp_path))
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out.json"
    result = _run("bundle", to_hex(journey.account.address), "--out", out, "--network", tmp_path)
    assert isinstance(result.exception, ConfigurationError)
    assert "cannot be written" in str(result.exception)


def test_evidence_of_another_journey_is_refused(
    journey: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bundle is about one journey."""
    monkeypatch.setattr(Node, "at", _node_of(journey.chain))
    store_network(Network(journey.chain.genesis, "http://ledger.test", (), tmp_path))
    held = Evidence(journey.chain.genesis.pin(), journey.accounts["keeper-lyon"].address, (), (), ())
    path = tmp_path / "other.evidence"
    path.write_bytes(held.encode())
    address, out = to_hex(journey.account.address), tmp_path / "out.json"
    result = _run("bundle", address, "--out", out, "--network", tmp_path, "--evidence", path)
    assert isinstance(result.exception, ProofError)
    assert "the files are of different networks or journeys" in str(result.exception)


def test_verifying_needs_no_network_library(file: Path, pin: Hash) -> None:
    """An auditor's machine may have none of them: the verdict needs the file and the pin."""
    absent = ("aiohttp", "fastapi", "httpx", "uvicorn", "web3", "hospes.service")
    block = f"import sys; sys.modules.update(dict.fromkeys({absent!r}))"
    line = ["verify", str(file), "--genesis", to_hex(pin)]
    script = f"{block}; from hospes.clients.auditor.commands import audit; audit({line!r})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("Complete up to block 8")
