"""What lies on a keeper's disk: everything it acknowledged, nothing that it deleted, and nothing in clear."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hospes.core.bodies import SealedNotice
from hospes.core.errors import ConfigurationError, SealingError
from hospes.core.identities import Address, Hash, RecordId
from hospes.core.messages import MAX_LIST
from hospes.nodes.keeper.configuration import KeeperConfiguration
from hospes.nodes.keeper.errors import ConflictError
from hospes.nodes.keeper.handed import HandedErasure
from hospes.nodes.keeper.held import HeldDeposit
from hospes.nodes.keeper.holdings import HOLDINGS_FILE, KEYS_FILE, Holdings
from hospes.nodes.keeper.notices import KeptNotice
from hospes.nodes.keeper.standing import MAX_GRANTS, MAX_STANDING
from hospes.nodes.keeper.vault import Vault
from tests.nodes.keeper.scenes import GRANT, JOURNEY, OTHER_JOURNEY, Scene, consent, deposit, salted

WRITER = Path(__file__).with_name("writer.py")
KEY = b"\x00\x20" + b"n" * 32
ONE, TWO = deposit("medication", "one"), deposit("imaging", "two")
ERASURE = salted("erasure")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return where the holdings are."""
    return tmp_path / "keeper"


def opened(directory: Path) -> Holdings:
    """Open the holdings as a keeper does when it starts."""
    return Holdings(directory, os.urandom)


def record(held: HeldDeposit) -> RecordId:
    """Return the record of a deposit."""
    return held.deposit.body.record


def erase(holdings: Holdings, *deposits: HeldDeposit, due_at: float = 0) -> HandedErasure:
    """Hand an erasure over, and return it as it is due."""
    holdings.handed.erase(JOURNEY, ERASURE, [record(one) for one in deposits], due_at, 0)
    (due,) = holdings.handed.due(due_at)
    return due


# ------------------------------------------------------------------------------------------------------------ to hold


def test_everything_is_there_again_after_a_restart(directory: Path) -> None:
    """Deposits, standing consents newest first, withdrawals, endings, erasures and notices outlive the process."""
    first = opened(directory)
    first.keep_deposit(ONE, 1)
    for label in ("old", "new"):
        first.keep_standing(JOURNEY, consent(replace(GRANT, salt=salted(label))), KEY, 0)
    first.withdraw(JOURNEY, salted("withdrawn"), 0)
    first.handed.end(JOURNEY, (1 << 64) - 1, 0)
    first.handed.erase(JOURNEY, ERASURE, [record(TWO)], 5, 0)
    first.notices.keep(KeptNotice(JOURNEY, 3, salted("mark"), b"box"), 1)
    before = first.held(JOURNEY)
    first.close()
    second = opened(directory)
    assert second.held(JOURNEY) == before
    assert before.deposits == (ONE,)
    left = [consent(replace(GRANT, salt=salted(label))).grants_hash for label in ("new", "old")]
    assert [one.grants_hash for one in before.standing] == left
    assert (before.withdrawn, before.through) == (frozenset({salted("withdrawn")}), (1 << 64) - 1)
    assert (before.erasures, before.erased) == (frozenset({ERASURE}), frozenset({record(TWO)}))
    assert second.notices.of(JOURNEY, 0) == (SealedNotice(3, b"box"),)
    assert second.standing.notice_key(JOURNEY) == KEY
    assert second.held(OTHER_JOURNEY).deposits == ()
    second.close()


def test_the_same_again_changes_nothing(directory: Path) -> None:
    """Keeping a deposit, a consent, a withdrawal, an ending or an erasure twice leaves one."""
    holdings = opened(directory)

    def everything(due_at: float) -> None:
        holdings.keep_deposit(ONE, due_at)
        holdings.keep_standing(JOURNEY, consent(GRANT), KEY, 0)
        holdings.handed.withdraw(JOURNEY, salted("withdrawn"), 0)
        holdings.handed.end(JOURNEY, 7, 0)
        holdings.handed.erase(JOURNEY, ERASURE, [record(TWO)], due_at, 0)

    everything(5)
    before, keys = holdings.held(JOURNEY), _keys(directory)
    everything(6)
    holdings.handed.end(JOURNEY, 6, 0)
    assert holdings.held(JOURNEY) == before
    assert _keys(directory) == keys
    found = holdings.handed.erasure(JOURNEY, ERASURE)
    assert found is not None
    assert found.due_at == 5
    holdings.close()


def test_what_contradicts_is_refused(directory: Path) -> None:
    """Another deposit of a record, a deposit of an erased one, another notice key, and a withdrawn consent."""
    holdings = opened(directory)
    holdings.keep_deposit(ONE, 0)
    holdings.keep_standing(JOURNEY, consent(GRANT), KEY, 0)
    erase(holdings, TWO)
    holdings.withdraw(JOURNEY, consent(GRANT).grants_hash, 0)
    other = replace(ONE, digest=salted("other"))
    refusals: list[Callable[[], object]] = [
        lambda: holdings.keep_deposit(other, 0),
        lambda: holdings.keep_deposit(TWO, 0),
        lambda: holdings.keep_standing(JOURNEY, consent(replace(GRANT, salt=salted("new"))), KEY[:-1] + b"x", 0),
        lambda: holdings.keep_standing(JOURNEY, consent(GRANT), KEY, 0),
    ]
    before = holdings.held(JOURNEY)
    for refusal in refusals:
        with pytest.raises(ConflictError):
            refusal()
    assert holdings.held(JOURNEY) == before
    assert before.standing == ()
    holdings.close()


def test_one_journey_cannot_fill_the_disk_with_consents(directory: Path) -> None:
    """The sixty-fifth standing consent of a journey is refused; another journey's first is not."""
    holdings = opened(directory)
    for i in range(MAX_STANDING):
        holdings.keep_standing(JOURNEY, consent(replace(GRANT, salt=salted(str(i)))), KEY, 0)
    with pytest.raises(ConflictError):
        holdings.keep_standing(JOURNEY, consent(GRANT), KEY, 0)
    holdings.keep_standing(OTHER_JOURNEY, consent(GRANT), KEY, 0)
    holdings.close()


def test_one_journey_cannot_slow_its_answers_down_with_grants(directory: Path) -> None:
    """Standing consents have at most 256 grants together; an access looks at 256 whatever is held."""
    holdings = opened(directory)
    journal = Scene().view().journal

    def looked_at() -> int:
        return sum(len(one.grants) for one in holdings.held_for(JOURNEY, (), journal).standing)

    assert looked_at() == MAX_GRANTS
    for number in range(4):
        many = consent(*(replace(GRANT, salt=salted(f"{number} {i}")) for i in range(MAX_LIST - (number == 3))))
        holdings.keep_standing(JOURNEY, many, KEY, 0)
        assert looked_at() == MAX_GRANTS
    two, one = (consent(*(replace(GRANT, salt=salted(str(i))) for i in range(count))) for count in (2, 1))
    with pytest.raises(ConflictError):
        holdings.keep_standing(JOURNEY, two, KEY, 0)
    holdings.keep_standing(JOURNEY, one, KEY, 0)
    holdings.keep_standing(OTHER_JOURNEY, two, KEY, 0)
    assert looked_at() == MAX_GRANTS
    assert len(holdings.held(JOURNEY).standing) == 5
    holdings.close()


# ------------------------------------------------------------------------------------------------------ sealed at rest


def _bytes(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(directory.iterdir()))


def _keys(directory: Path) -> list[tuple[bytes, bytes]]:
    connection = sqlite3.connect(directory / KEYS_FILE)
    try:
        return connection.execute("SELECT name, key FROM keys ORDER BY name").fetchall()
    finally:
        connection.close()


def test_no_share_and_no_grant_lies_in_clear(directory: Path) -> None:
    """Neither the share nor what was granted to whom can be read off the disk, and only the owner reads its files."""
    holdings = opened(directory)
    holdings.keep_deposit(ONE, 0)
    holdings.keep_standing(JOURNEY, consent(GRANT), KEY, 0)
    lying = _bytes(directory)
    for secret in (ONE.share, ONE.share.hex().encode(), b"medication", GRANT.who.encode(), GRANT.salt.hex().encode()):
        assert secret not in lying
    assert {path.stat().st_mode & 0o077 for path in directory.iterdir()} == {0}
    holdings.close()


def test_deleting_leaves_no_key_in_any_file(directory: Path) -> None:
    """After an erasure the key of the erased deposit is nowhere in the files, and that of the other still is."""
    holdings = opened(directory)
    holdings.keep_deposit(ONE, 0)
    (first,) = _keys(directory)
    holdings.keep_deposit(TWO, 0)
    holdings.destroy(erase(holdings, ONE), 9)
    lying = _bytes(directory)
    assert first[1] not in lying
    ((_, second),) = _keys(directory)
    assert second in lying
    assert holdings.held(JOURNEY).deposits == (TWO,)
    holdings.close()


def test_a_backup_opens_nothing(directory: Path, tmp_path: Path) -> None:
    """A backup is its owner's only and holds no key: restored beside the keys it is whole, without them it holds no
    deposit.
    """
    holdings = opened(directory)
    holdings.keep_deposit(ONE, 0)
    (tmp_path / "other").mkdir()
    holdings.back_up(tmp_path / "other" / HOLDINGS_FILE)
    assert (tmp_path / "other" / HOLDINGS_FILE).stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigurationError):  # whoever made that file may read it
        holdings.back_up(tmp_path / "other" / HOLDINGS_FILE)
    ((_, key),) = _keys(directory)
    assert key not in (tmp_path / "other" / HOLDINGS_FILE).read_bytes()
    holdings.close()
    restored = opened(tmp_path / "other")
    assert restored.held(JOURNEY).deposits == ()
    restored.keep_deposit(ONE, 0)  # the wallet can repair it
    assert restored.held(JOURNEY).deposits == (ONE,)
    restored.close()


def test_what_was_changed_on_disk_is_not_held(directory: Path) -> None:
    """A sealed deposit that was moved to another's place, or changed, does not open."""
    holdings = opened(directory)
    holdings.keep_deposit(ONE, 0)
    holdings.keep_deposit(TWO, 0)
    statement = "UPDATE deposits SET sealed = (SELECT sealed FROM deposits WHERE record = ?) WHERE record = ?"
    holdings.database.run(statement, record(TWO), record(ONE))
    assert holdings.held(JOURNEY).deposits == (TWO,)
    holdings.close()


def test_a_sealed_item_opens_with_its_context_and_key_only(tmp_path: Path) -> None:
    """Another context, a changed byte, or a forgotten key: it does not open."""
    vault = Vault(tmp_path / "keys.db", os.urandom)
    sealed = vault.seal(b"item", b"context")
    assert vault.open(sealed, b"context") == b"item"
    for wrong, context in ((sealed, b"other"), (sealed[:-1] + bytes([sealed[-1] ^ 1]), b"context")):
        with pytest.raises(SealingError):
            vault.open(wrong, context)
    assert vault.forget([sealed])
    assert vault.forget([sealed])
    with pytest.raises(SealingError):
        vault.open(sealed, b"context")
    vault.close()


def test_keys_without_their_item_are_swept_at_the_start(directory: Path) -> None:
    """A key whose deposit was never kept, because the power went in between, does not stay."""
    holdings = opened(directory)
    holdings.keep_deposit(ONE, 0)
    holdings.vault.seal(b"never kept", b"")
    assert len(_keys(directory)) == 2
    holdings.close()
    again = opened(directory)
    assert len(_keys(directory)) == 1
    assert again.held(JOURNEY).deposits == (ONE,)
    again.close()


# ----------------------------------------------------------------------------------------------------------- deletion


def test_an_erasure_interrupted_half_way_is_finished(directory: Path) -> None:
    """Keys first: if the power goes after them, no share opens, and the next round still notes what was deleted."""
    holdings = opened(directory)
    holdings.keep_deposit(ONE, 0)
    due = erase(holdings, ONE)
    holdings.deposits.destroy_keys(JOURNEY, [record(ONE)])
    holdings.close()
    again = opened(directory)
    assert again.held(JOURNEY).deposits == ()
    assert again.handed.due(0) == (due,)
    again.destroy(due, 9)
    found = again.handed.erasure(JOURNEY, ERASURE)
    assert found is not None
    assert (found.deleted, found.deleted_at) == ((record(ONE),), 9)
    assert again.handed.due(99) == ()
    again.close()


def test_another_journeys_erasure_of_the_same_words_stops_nothing(directory: Path) -> None:
    """Whoever learns an erasure and signs it for a journey of their own deletes nothing and keeps nobody from it."""
    holdings = opened(directory)
    holdings.keep_deposit(ONE, 0)
    holdings.handed.erase(OTHER_JOURNEY, ERASURE, [record(ONE)], 0, 0)
    (theirs,) = holdings.handed.due(0)
    holdings.destroy(theirs, 8)
    assert holdings.held(JOURNEY).deposits == (ONE,)
    assert holdings.held(JOURNEY).erased == frozenset()
    holdings.destroy(erase(holdings, ONE), 9)
    assert holdings.held(JOURNEY).deposits == ()
    receipts = [holdings.handed.erasure(journey, ERASURE) for journey in (OTHER_JOURNEY, JOURNEY)]
    assert [found.deleted for found in receipts if found] == [(), (record(ONE),)]
    holdings.close()


def test_another_journeys_deposit_of_the_same_record_stops_nothing(directory: Path) -> None:
    """Whoever learns a record's id cannot take its place at a keeper that the traveller has not reached yet."""
    holdings = opened(directory)
    foreign = replace(ONE.deposit, journey=OTHER_JOURNEY)
    theirs = HeldDeposit(salted("theirs"), foreign, ONE.share)
    holdings.keep_deposit(theirs, 0)
    holdings.keep_deposit(ONE, 0)
    holdings.destroy(erase(holdings, ONE), 9)
    assert holdings.held(JOURNEY).deposits == ()
    assert holdings.held(OTHER_JOURNEY).deposits == (theirs,)
    holdings.close()


def test_a_backup_that_is_being_read_delays_the_receipt(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program keeps old pages of the keys alive, nothing is signed for; the next round finishes it."""
    holdings = opened(directory)
    holdings.keep_deposit(ONE, 0)
    due = erase(holdings, ONE)
    monkeypatch.setattr(holdings.vault.database, "purge", lambda: False)
    holdings.destroy(due, 8)
    assert holdings.handed.due(8) == (due,)
    assert holdings.held(JOURNEY).deposits == ()
    monkeypatch.undo()
    holdings.destroy(due, 9)
    assert holdings.handed.due(9) == ()
    holdings.close()


# -------------------------------------------------------------------------------------------------------------- crash


@pytest.mark.parametrize("after", [1, 17])
def test_an_acknowledged_write_survives_kill_9(directory: Path, after: int) -> None:
    """A process that is killed at any moment leaves everything that it said it had kept, and files that open."""
    with subprocess.Popen([sys.executable, str(WRITER), str(directory)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().split() for _ in range(after)]
        time.sleep(0.001 * after)
        writer.send_signal(signal.SIGKILL)
        acknowledged += [line.split() for line in writer.stdout.read().splitlines() if line.endswith(".")]
    assert writer.returncode == -signal.SIGKILL
    holdings = opened(directory)
    for what, journey, name, _ in acknowledged:
        held = holdings.held(Address(bytes.fromhex(journey)))
        expected = Hash(bytes.fromhex(name))
        found = {
            "deposit": {one.digest for one in held.deposits},
            "standing": {one.grants_hash for one in held.standing},
            "withdrawal": set(held.withdrawn),
            "ending": {Hash(held.through.to_bytes(32))},
            "erasure": set(held.erasures),
        }
        assert expected in found[what]
    assert len(acknowledged) >= after
    holdings.close()


def test_files_of_something_else_are_refused(tmp_path: Path) -> None:
    """The operator is told which file cannot be opened."""
    (tmp_path / HOLDINGS_FILE).write_bytes(b"something else" * 100)
    with pytest.raises(ConfigurationError, match=HOLDINGS_FILE):
        opened(tmp_path)


@pytest.mark.parametrize("setting", [{"grace_s": -1.0}, {"retention_s": 3600.0}, {"sweep_every_s": 0.0}])
def test_settings_out_of_bounds_are_refused(tmp_path: Path, setting: dict[str, float]) -> None:
    """The operator is told which setting it is."""
    with pytest.raises(ConfigurationError, match=next(iter(setting))):
        KeeperConfiguration(tmp_path, **setting)
