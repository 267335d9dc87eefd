"""``hospes ledger inspect``: everything that the chain says of a word, for an engineer at three in the morning."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hospes.app.founding import LEDGER_FOLDER, Ports, found
from hospes.contracts import calls
from hospes.contracts.addresses import ACCESS_LOG, CONSENT
from hospes.contracts.storage import NotOnChainError
from hospes.core.chain import EntryKind, first_head, fold
from hospes.core.errors import HospesError, MalformedError
from hospes.core.identities import Account, Country, Hash, keccak, to_hex
from hospes.core.messages import Consent, Ending, Grant, Withdrawal
from hospes.core.typed_data import digest, hash_list
from hospes.nodes.ledger import Engine, copy_ledger
from hospes.nodes.ledger.archive import Archive
from hospes.nodes.ledger.commands import ledger as command
from hospes.nodes.ledger.errors import DirectoryError
from hospes.nodes.ledger.service import ledger_app
from hospes.nodes.ledger.sources import DirectorySource, UrlSource
from hospes.nodes.ledger.telling import DEMONSTRATION
from hospes.service.errors import UnreachableError
from hospes.service.http import Server
from tests.simulators.ledgers import OUTSIDER, SmallLedger, account, small_network
from tests.simulators.world import START

JOURNEY = Account(keccak(b"journey"))
ACCESS = Hash(keccak(b"an access"))
_FOREVER = 2**40
_GRANT = Grant(
    "hospital:*", ("emergency-summary",), ("emergency",), (Country("DE"),), 0, _FOREVER, Hash(keccak(b"gate")), ACCESS
)
GRANTS = hash_list((_GRANT,))


def _travelled(directory: Path) -> SmallLedger:
    """Return a ledger on which a journey gave a consent, was read, withdrew it and ended all; a call was refused."""
    network = small_network(directory)
    domain, journey = network.genesis.domain, JOURNEY.address
    consent, withdrawal = Consent((_GRANT,), _FOREVER), Withdrawal((_GRANT,))
    steps = [
        (0, CONSENT, calls.give(journey, GRANTS, _FOREVER, JOURNEY.sign(digest(domain, consent)))),
        (1, ACCESS_LOG, calls.append(journey, ACCESS)),
        (2, CONSENT, calls.withdraw(journey, GRANTS, JOURNEY.sign(digest(domain, withdrawal)))),
        (0, CONSENT, calls.end(journey, 3, JOURNEY.sign(digest(domain, Ending(3))))),
        (0, CONSENT, calls.give(journey, GRANTS, _FOREVER, JOURNEY.sign(digest(domain, consent)))),
    ]
    for sender, contract, data in steps:
        network.submit(account(sender), data, contract, gas=1_000_000)
        network.seal()
    return network


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory) -> SmallLedger:
    """A stopped ledger with a history, which no test changes."""
    network = _travelled(tmp_path_factory.mktemp("inspected") / "ledger")
    network.engine.close()
    return network


def _inspect(*arguments: str) -> Result:
    return CliRunner(mix_stderr=False).invoke(command, ["inspect", *arguments])


def _told(directory: Path, *words: str) -> str:
    result = _inspect(*words, "--data", str(directory))
    assert result.exit_code == 0, result.exception
    return result.stdout


def test_without_a_word_the_ledger_is_summed_up(travelled: SmallLedger) -> None:
    """Chain, pin, authority with what trust it needs, head, and entries by kind."""
    text = _told(travelled.directory)
    for part in (
        to_hex(travelled.genesis.pin()),
        to_hex(travelled.authority.address),
        "it is trusted: it could seal what is false",
        "block 5,",
        "3, of which 3 are active",
    ):
        assert part in text
    (found,) = json.loads(_told(travelled.directory, "--json"))
    counted = {kind: found["facts"][f"entries: {kind}"] for kind in ("access", "consent given", "deposit")}
    assert counted == {"access": "1", "consent given": "1", "deposit": "0"}
    assert (found["facts"]["transactions"], found["facts"]["blocks"], found["facts"]["journeys"]) == ("5", "6", "1")


def test_every_screen_of_a_demonstration_says_so(travelled: SmallLedger, tmp_path: Path) -> None:
    """Whatever is asked, also when nothing is found; beside JSON on standard error. Other ledgers do not."""
    found(tmp_path / "network", Ports.fixed(), START)
    for word in ((), ("0",), ("hospital-evora",), (to_hex(ACCESS),)):
        asked = (*word, "--data", str(tmp_path / "network" / LEDGER_FOLDER))
        assert _inspect(*asked).stdout.splitlines()[0] == DEMONSTRATION
        beside = _inspect(*asked, "--json")
        assert beside.stderr == DEMONSTRATION + "\n"
        assert DEMONSTRATION not in beside.stdout
    other = _inspect("--data", str(travelled.directory))
    assert "emonstration" not in other.stdout + other.stderr


def test_a_block_is_found_by_number_and_hash(travelled: SmallLedger) -> None:
    """A block shows its seal, its transactions by name, and its entries in words."""
    by_number = _told(travelled.directory, "2")
    assert _told(travelled.directory, "0x2") == by_number
    assert "This is block 2." in by_number
    assert "holds: the authority sealed it" in by_number
    assert "access_log.append" in by_number
    assert f"entry 2 of journey {to_hex(JOURNEY.address)}: access, by koeln, hash {to_hex(ACCESS)}" in by_number
    with DirectorySource(travelled.directory) as source:
        block = Archive(source).block(2)
    assert "This is block 2." in _told(travelled.directory, to_hex(block.hash))


def test_a_transaction_shows_its_call_and_why_it_was_refused(travelled: SmallLedger) -> None:
    """What was called with what, by whom, and what came of it."""
    with DirectorySource(travelled.directory) as source:
        good, bad = (Archive(source).block(number).transactions[0].hash for number in (3, 5))
    text = _told(travelled.directory, to_hex(good))
    assert "consent.withdraw" in text
    assert "event consent.Withdrawn" in text
    assert "relayed by napoli" in text
    refused = _told(travelled.directory, to_hex(bad))
    assert "REFUSED by the contract" in refused
    assert "already_given: nothing to do: the chain holds this consent" in refused
    assert "argument grantsHash" in refused


def test_a_journey_shows_all_its_entries_and_that_they_fold_to_its_head(travelled: SmallLedger) -> None:
    """The whole log of a journey, judged by the head in the contract's storage."""
    text = _told(travelled.directory, to_hex(JOURNEY.address))
    assert "whole: the entries fold to this head" in text
    assert "all that were given up to block 3" in text
    kinds = [line.split(": ")[1].split(",")[0] for line in text.splitlines() if "  entry " in line]
    assert kinds == ["consent given", "access", "consent withdrawn", "consents ended"]


def test_heads_and_entry_hashes_are_found(travelled: SmallLedger) -> None:
    """A head hash stands nowhere in the clear: it is found by folding the entries again."""
    with DirectorySource(travelled.directory) as source:
        lines = tuple(Archive(source).lines())
    entries = [line.entry for line in lines]
    start = first_head(travelled.genesis.chain_id, ACCESS_LOG, JOURNEY.address)
    heads = [fold(start, 0, entries[:count]) for count in range(1, 5)]
    assert [line.head for line in lines] == heads
    for number, head in enumerate(heads, start=1):
        text = _told(travelled.directory, to_hex(head))
        assert f"This is the head of a journey after entry {number}." in text
    given = _told(travelled.directory, to_hex(GRANTS))
    assert "This is the hash of entry 1 of a journey." in given
    assert "This is the hash of entry 3 of a journey." in given
    assert "given in block 1, withdrawn in block 3" in given
    assert "mention" in given
    assert entries[3].kind is EntryKind.ENDED
    assert "every consent given up to block 3" in _told(travelled.directory, to_hex(entries[3].entry_hash))


def test_members_are_found_by_id_and_account(travelled: SmallLedger) -> None:
    """Who a member is, whether it is active, and what it sent."""
    text = _told(travelled.directory, "koeln")
    assert _told(travelled.directory, to_hex(account(1).address)) == text
    for part in ("This is the member koeln.", "hospital", "DE", "yes", "never", "access, by koeln"):
        assert part in text


def test_other_addresses_and_words_are_explained(travelled: SmallLedger) -> None:
    """Contracts, the authority, strangers, the pin, and words that stand in calldata only."""
    assert "This is the contract consent." in _told(travelled.directory, to_hex(CONSENT))
    assert "This is the authority" in _told(travelled.directory, to_hex(travelled.authority.address))
    assert "This is an account of no member." in _told(travelled.directory, to_hex(OUTSIDER.address))
    assert "pin of this network" in _told(travelled.directory, to_hex(travelled.genesis.pin()))
    assert "what block 0 holds" in _told(travelled.directory, to_hex(travelled.genesis.allocation_hash))
    deadline = _told(travelled.directory, f"{_FOREVER:064x}")
    assert "2 transactions mention" in deadline
    assert "in its calldata" in deadline


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("6", NotOnChainError),
        ("99999999999999999999", NotOnChainError),
        ("nobody", NotOnChainError),
        (to_hex(bytes([1] * 32)), NotOnChainError),
        (to_hex(bytes([1] * 20)), NotOnChainError),
        ("Mrs Smith", MalformedError),
        ("0x" + "12" * 18, MalformedError),
    ],
)
def test_what_is_not_on_the_chain_fails_clearly(travelled: SmallLedger, word: str, error: type[HospesError]) -> None:
    """The program ends with an error that names what was looked for, and with nothing made up."""
    result = _inspect(word, "--data", str(travelled.directory))
    assert result.exit_code == 1
    assert isinstance(result.exception, error)
    assert "Smith" not in str(result.exception)


def test_a_directory_without_a_ledger_is_named(tmp_path: Path) -> None:
    """Looking in the wrong place says which place that was, and what would make a ledger."""
    result = _inspect("--data", str(tmp_path))
    assert isinstance(result.exception, DirectoryError)
    assert str(tmp_path) in str(result.exception)
    assert "hospes up" in str(result.exception)
    both = _inspect("--data", str(tmp_path), "--url", "http://127.0.0.1:1")
    assert both.exit_code == 2


def test_a_running_ledger_is_inspected_from_its_directory_and_over_its_wire(tmp_path: Path) -> None:
    """Beside the process that seals, and through its JSON-RPC, the answers are the same."""
    network = _travelled(tmp_path / "ledger")
    program = "import sys; from hospes.nodes.ledger.commands import ledger; ledger(sys.argv[1:])"
    command = [sys.executable, "-c", program, "inspect", to_hex(JOURNEY.address), "--data", str(network.directory)]
    beside = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    async def story() -> str:
        server = Server(ledger_app(network.engine))
        await server.start()
        result = await asyncio.to_thread(_inspect, to_hex(JOURNEY.address), "--url", server.url)
        await server.stop()
        return result.output

    assert asyncio.run(story()) == beside
    assert "This is a journey." in beside


def test_a_fork_shows_that_its_seals_do_not_hold(tmp_path: Path) -> None:
    """Looking at a ledger that a stranger has sealed says so."""
    network = _travelled(tmp_path / "ledger")
    fork = tmp_path / "fork"
    copy_ledger(network.engine.chain, fork)
    network.engine.close()
    stranger = Account(b"\x66" * 32)
    network.engine = Engine.open(fork, stranger, clock=network.clock, stranger=True)
    network.submit(account(1), calls.append(JOURNEY.address, ACCESS), ACCESS_LOG, gas=1_000_000)
    network.seal()
    network.engine.close()
    assert "DOES NOT HOLD: the network's authority never sealed it" in _told(
        tmp_path / "fork", to_hex(_hash_of(tmp_path))
    )


def _hash_of(tmp_path: Path) -> bytes:
    with DirectorySource(tmp_path / "fork") as source:
        return Archive(source).block(6).hash


def test_a_place_that_is_no_ledger_is_a_clear_error() -> None:
    """An address where nobody answers gives an error that names it."""
    told = r"127\.0\.0\.1:9 cannot be reached: nobody answers there; is a ledger running\?"
    with UrlSource("http://127.0.0.1:9") as source, pytest.raises(UnreachableError, match=told):
        source.ask("eth_chainId")
