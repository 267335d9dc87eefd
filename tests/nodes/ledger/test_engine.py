"""The authority: which transactions it takes, when it seals, and what a block holds."""

from pathlib import Path
from typing import cast

import pytest
from eth_account import Account as Signer
from hypothesis import given, strategies as st

from hospes.core.errors import HospesError, MalformedError, SignatureError, TooLargeError
from hospes.core.identities import Account, Address, Hash
from hospes.core.proof import verify_seal
from hospes.nodes.ledger import Engine, evm, ingress, pool
from hospes.nodes.ledger.database import Overlay
from hospes.nodes.ledger.errors import (
    AlreadyKnownError,
    BusyError,
    DirectoryError,
    FundsError,
    GasError,
    NonceError,
    StrangerError,
    UnsupportedTransactionError,
    WrongChainError,
)
from hospes.nodes.ledger.execution import Terms, execute
from hospes.nodes.ledger.libraries import rlp
from tests.simulators.ledgers import (
    CHAIN_ID,
    CLEARER,
    NOTEPAD,
    REFUSER,
    START,
    WEALTH,
    SmallLedger,
    account,
    note,
    signed,
    small_ledger,
)


def test_one_transaction_makes_one_sealed_block(ledger: SmallLedger) -> None:
    """A block holds its transaction, a receipt, and a seal that the pinned genesis' authority made."""
    key = ledger.submit(account(0), note(7, 9))
    block = ledger.seal()
    assert block.transaction_hashes == (key,)
    assert [receipt.state_root for receipt in block.receipts] == [b"\x01"]
    assert (block.number, ledger.engine.chain.head().hash) == (1, block.hash)
    assert ledger.engine.chain.word(1, NOTEPAD, 7) == 9
    final = verify_seal(ledger.genesis, evm.encode_header(block.header), block.seal)
    assert (final.number, final.hash) == (1, block.hash)


def test_transactions_of_many_senders_share_a_block_in_the_order_they_came(ledger: SmallLedger) -> None:
    """A block is of any size, and nobody's transactions are reordered."""
    keys = [ledger.submit(account(index % 3), note(index, index)) for index in range(30)]
    block = ledger.seal()
    assert list(block.transaction_hashes) == keys
    assert ledger.engine.waiting_count() == 0


def test_a_reverted_transaction_is_sealed_as_failed_beside_the_others(ledger: SmallLedger) -> None:
    """A contract's refusal stands on the chain and disturbs nobody."""
    ledger.submit(account(0), b"", REFUSER)
    ledger.submit(account(1), note(1, 2))
    block = ledger.seal()
    assert [receipt.state_root for receipt in block.receipts] == [b"", b"\x01"]
    assert [len(receipt.logs) for receipt in block.receipts] == [0, 1]
    assert ledger.engine.next_nonce(account(0).address) == 1


def test_what_can_run_no_more_is_dropped_and_the_others_are_executed(ledger: SmallLedger) -> None:
    """A transaction out of turn, or whose sender has spent its funds, is named and holds up nobody."""
    chain, rich = ledger.engine.chain, account(1).address
    raws = [
        signed(account(0), 1, NOTEPAD, note(1, 1)),
        signed(account(2), 0, rich, b"", value=WEALTH),
        signed(account(2), 1, rich, b"", value=1),
        signed(account(1), 0, NOTEPAD, note(2, 2)),
    ]
    waiting = [ingress.parse_transaction(raw, CHAIN_ID) for raw in raws]
    terms = Terms(CHAIN_ID, chain.head().header, START + 1, chain.ancestors)
    executed = execute(terms, waiting, lambda: Overlay(chain.database))
    assert executed.transactions == (waiting[1], waiting[3])
    assert [dropped.transaction for dropped in executed.dropped] == [waiting[0], waiting[2]]
    assert chain.head_number() == 0


def test_a_transaction_that_breaks_the_engine_is_left_out(ledger: SmallLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of py-evm in one transaction costs that transaction only, and leaves no trace in the state."""
    make_receipt = evm.LedgerVM.make_receipt
    culprit = ledger.submit(account(0), note(1, 1))
    others = [ledger.submit(account(1), note(2, 2)), ledger.submit(account(2), note(3, 3))]

    def breaking(*arguments: object) -> object:
        transaction = arguments[1]
        if getattr(transaction, "hash", None) == culprit:
            raise ZeroDivisionError
        return make_receipt(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(evm.LedgerVM, "make_receipt", breaking)
    block = ledger.seal()
    assert list(block.transaction_hashes) == others
    assert ledger.engine.chain.word(1, NOTEPAD, 1) == 0
    assert ledger.engine.next_nonce(account(0).address) == 0


def test_a_full_block_leaves_the_rest_for_the_next(ledger: SmallLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit waits, in order."""
    monkeypatch.setattr(evm, "GAS_TARGET", 300_000)
    for index in range(6):
        ledger.submit(account(index % 3), note(index, 1))
    sizes = [len(ledger.seal().transactions)]
    while ledger.engine.waiting_count():
        sizes.append(len(ledger.seal().transactions))
    assert sum(sizes) == 6
    assert max(sizes) < 6


class TestTime:
    """PROTOCOL section 2, "Time"."""

    def test_nothing_is_sealed_in_the_second_of_the_parent(self, ledger: SmallLedger) -> None:
        """A block is at least one second younger than its parent, and a second later it is sealed."""
        ledger.submit(account(0), note(1, 1))
        ledger.now = START + 0.9
        assert ledger.engine.seal() is None
        assert 0 < (ledger.engine.due_s() or 0) <= 0.101
        ledger.now = START + 1.0
        assert ledger.engine.due_s() == 0
        block = ledger.engine.seal()
        assert block is not None
        assert block.time == START + 1

    def test_a_block_after_a_pause_has_the_time_of_the_clock(self, ledger: SmallLedger) -> None:
        """When the last block is older, the next is sealed at once, with the clock's time."""
        ledger.now = START + 3_600.7
        ledger.submit(account(0), note(1, 1))
        assert ledger.engine.due_s() == 0
        block = ledger.engine.seal()
        assert block is not None
        assert block.time == START + 3_600

    def test_a_clock_set_back_makes_the_ledger_wait(self, ledger: SmallLedger) -> None:
        """Time on the chain never runs ahead of the clock and never goes back."""
        ledger.write(account(0), 1, 1)
        head = ledger.engine.chain.head()
        ledger.submit(account(0), note(2, 2))
        ledger.now = head.time - 100.0
        assert ledger.engine.seal() is None
        assert ledger.engine.due_s() == 101
        assert ledger.engine.waiting_count() == 1

    def test_nothing_waits_when_nothing_came(self, ledger: SmallLedger) -> None:
        """An idle ledger seals no empty blocks."""
        assert ledger.engine.due_s() is None
        ledger.now += 100
        assert ledger.engine.seal() is None
        assert ledger.engine.chain.head_number() == 0


class TestRefusals:
    """Each refusal has a type, and changes nothing."""

    @staticmethod
    def refuse(ledger: SmallLedger, raw: bytes, error: type[HospesError]) -> HospesError:
        """Submit and return the refusal."""
        before = ledger.engine.waiting_count()
        with pytest.raises(error) as caught:
            ledger.engine.submit(raw)
        assert ledger.engine.waiting_count() == before
        assert ledger.engine.tally[f"refused {error.slug}"] > 0
        return caught.value

    def test_nonces_must_follow_each_other(self, ledger: SmallLedger) -> None:
        """Only the sender's next transaction is taken, queued ones included."""
        sender = account(0)
        ledger.submit(sender, note(1, 1))
        too_high = self.refuse(ledger, signed(sender, 2, NOTEPAD, note(1, 2)), NonceError)
        too_low = self.refuse(ledger, signed(sender, 0, NOTEPAD, note(1, 3)), NonceError)
        assert str(too_high).startswith("nonce too high")
        assert str(too_low).startswith("nonce too low")
        ledger.engine.submit(signed(sender, 1, NOTEPAD, note(1, 2)))

    def test_a_known_transaction_is_named_as_such(self, ledger: SmallLedger) -> None:
        """Handing in the same transaction again, waiting or sealed, is told apart from a mistake."""
        raw = signed(account(0), 0, NOTEPAD, note(1, 1))
        key = ledger.engine.submit(raw)
        for _ in range(2):
            error = self.refuse(ledger, raw, AlreadyKnownError)
            assert isinstance(error, AlreadyKnownError)
            assert error.transaction == key
            if ledger.engine.waiting_count():
                ledger.seal()

    def test_funds_cover_everything_queued(self, ledger: SmallLedger) -> None:
        """A sender may queue what it can pay for, and not one wei more."""
        sender = account(0)
        ledger.submit(sender, b"", account(1).address, value=WEALTH - 10)
        self.refuse(ledger, signed(sender, 1, account(1).address, value=11), FundsError)
        ledger.engine.submit(signed(sender, 1, account(1).address, value=10))

    def test_gas_limits_have_two_ends(self, ledger: SmallLedger) -> None:
        """Too little gas to begin with, and more than one transaction may hold up the ledger for, are refused."""
        sender, data = account(0), b"\x01" * 100
        least = evm.least_gas(data, creates=False)
        assert least == 21_000 + 10 * 4 * 100  # EIP-7623: ten gas a token, four tokens a byte that is not zero
        self.refuse(ledger, signed(sender, 0, NOTEPAD, data, gas=least - 1), GasError)
        self.refuse(ledger, signed(sender, 0, NOTEPAD, data, gas=evm.MAX_TRANSACTION_GAS + 1), GasError)
        ledger.engine.submit(signed(sender, 0, NOTEPAD, data, gas=least))

    def test_other_networks_transactions_are_refused(self, ledger: SmallLedger) -> None:
        """A transaction is good on the network it was signed for, and on no other."""
        sender = account(0)
        self.refuse(ledger, signed(sender, 0, chainId=CHAIN_ID + 1), WrongChainError)
        legacy = {"type": None, "maxFeePerGas": None, "maxPriorityFeePerGas": None, "gasPrice": 0}
        self.refuse(ledger, signed(sender, 0, **legacy, chainId=None), UnsupportedTransactionError)
        self.refuse(ledger, signed(sender, 0, **legacy, chainId=CHAIN_ID + 1), WrongChainError)
        ledger.engine.submit(signed(sender, 0, **legacy))
        access_list = [{"address": "0x" + NOTEPAD.hex(), "storageKeys": ["0x" + bytes(32).hex()]}]
        ledger.engine.submit(signed(sender, 1, **legacy | {"type": 1}, accessList=access_list))
        assert [receipt.state_root for receipt in ledger.seal().receipts] == [b"\x01", b"\x01"]

    def test_blobs_and_delegations_are_refused(self, ledger: SmallLedger) -> None:
        """An account never gets code by a signature: types 3 and 4 have no place here."""
        sender = account(0)
        permission = Signer.sign_authorization(
            {"chainId": CHAIN_ID, "address": "0x" + NOTEPAD.hex(), "nonce": 1}, sender.secret
        )
        raw = signed(sender, 0, type=4, authorizationList=[permission])
        self.refuse(ledger, raw, UnsupportedTransactionError)

    def test_a_high_s_is_refused(self, ledger: SmallLedger) -> None:
        """Every signature has one form only."""
        fields = cast("list[bytes]", rlp.decode(signed(account(0), 0, NOTEPAD, note(1, 1))[1:]))
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        parity, s = int.from_bytes(fields[9]), int.from_bytes(fields[11])
        fields[9], fields[11] = (1 - parity).to_bytes(1).lstrip(b"\0"), (order - s).to_bytes(32)
        self.refuse(ledger, b"\x02" + rlp.encode(fields), SignatureError)

    def test_oversized_transactions_are_refused_unread(self, ledger: SmallLedger) -> None:
        """Nothing above the bound is parsed."""
        self.refuse(ledger, bytes(ingress.MAX_TRANSACTION_BYTES + 1), TooLargeError)
        initcode = signed(account(0), 0, None, bytes(evm.MAX_INITCODE_BYTES + 1), gas=evm.MAX_TRANSACTION_GAS)
        self.refuse(ledger, initcode, TooLargeError)

    def test_one_more_than_there_is_room_for_is_told_to_come_later(
        self, ledger: SmallLedger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The pool is bounded, for all and for each sender, and has room again after a block."""
        monkeypatch.setattr(pool, "MAX_WAITING", 3)
        monkeypatch.setattr(pool, "MAX_OF_SENDER", 2)
        ledger.submit(account(0), note(1, 1))
        ledger.submit(account(0), note(1, 2))
        self.refuse(ledger, signed(account(0), 2, NOTEPAD, note(1, 3)), BusyError)
        ledger.submit(account(1), note(1, 1))
        self.refuse(ledger, signed(account(2), 0, NOTEPAD, note(1, 1)), BusyError)
        ledger.seal()
        ledger.submit(account(2), note(1, 1))

    @given(garbage=st.binary(max_size=300))
    def test_garbage_is_malformed(self, garbage: bytes) -> None:
        """Any bytes are either a transaction or a typed refusal."""
        with pytest.raises(HospesError):
            ingress.parse_transaction(garbage, CHAIN_ID)

    @given(position=st.integers(0, 10_000), bit=st.integers(0, 7))
    def test_a_flipped_bit_never_passes_for_the_sender(self, position: int, bit: int) -> None:
        """A damaged transaction is refused, or is somebody else's."""
        sender = account(0)
        raw = bytearray(signed(sender, 0, NOTEPAD, note(1, 1)))
        raw[position % len(raw)] ^= 1 << bit
        try:
            transaction = ingress.parse_transaction(bytes(raw), CHAIN_ID)
        except HospesError:
            return
        assert Address(transaction.sender) != sender.address

    def test_trailing_bytes_are_malformed(self, ledger: SmallLedger) -> None:
        """A transaction has one encoding."""
        raw = signed(account(0), 0, NOTEPAD, note(1, 1))
        self.refuse(ledger, raw + b"\0", MalformedError)
        self.refuse(ledger, raw[:-1], MalformedError)


def test_much_calldata_and_cleared_storage_pay_the_floor(ledger: SmallLedger) -> None:
    """EIP-7623: gas never falls below the floor, also where py-evm caps the refund twice."""
    data = b"\x01" * 400
    ledger.submit(account(0), data, CLEARER)
    (receipt,) = ledger.seal().receipts
    assert receipt.gas_used == 21_000 + 10 * 4 * len(data)


def test_the_base_fee_stays_zero(ledger: SmallLedger) -> None:
    """However full the blocks are, gas costs nothing."""
    for number in range(3):
        for index in range(40):
            ledger.submit(account(index % 3), note(index, number + 1))
        ledger.seal()
    fees = [ledger.engine.chain.header(number).base_fee_per_gas for number in range(4)]
    assert fees == [0, 0, 0, 0]
    assert evm.GAS_TARGET * 2 == evm.GAS_LIMIT


class TestOpening:
    """A directory is opened whole, by one process, with the key that its genesis names."""

    def test_a_reopened_ledger_goes_on(self, ledger: SmallLedger) -> None:
        """Closing and opening loses nothing that was sealed, and forgets what was not."""
        ledger.write(account(0), 1, 11)
        ledger.submit(account(0), note(2, 22))
        ledger.reopen()
        assert ledger.engine.waiting_count() == 0
        assert ledger.engine.chain.head_number() == 1
        ledger.write(account(0), 3, 33)
        assert [ledger.engine.chain.word(2, NOTEPAD, slot) for slot in (1, 2, 3)] == [11, 0, 33]
        assert ledger.engine.chain.word(1, NOTEPAD, 3) == 0

    def test_another_key_is_refused(self, ledger: SmallLedger) -> None:
        """Nobody seals with a key that the genesis does not name, except on purpose."""
        ledger.engine.close()
        with pytest.raises(StrangerError):
            Engine.open(ledger.directory, Account(b"\x66" * 32))
        ledger.engine = Engine.open(ledger.directory, ledger.authority)

    def test_another_network_is_refused(self, ledger: SmallLedger) -> None:
        """Whoever pins a network notices that the directory holds another one."""
        ledger.engine.close()
        with pytest.raises(DirectoryError, match="another network"):
            Engine.open(ledger.directory, ledger.authority, pin=Hash(bytes(32)))
        ledger.engine = Engine.open(ledger.directory, ledger.authority, pin=ledger.genesis.pin())

    def test_a_second_writer_is_refused(self, ledger: SmallLedger) -> None:
        """Two processes never seal one ledger."""
        with pytest.raises(DirectoryError, match="another process"):
            Engine.open(ledger.directory, ledger.authority)

    def test_no_ledger_and_a_second_creation_are_refused(self, ledger: SmallLedger, tmp_path: Path) -> None:
        """Opening needs a ledger, creating needs none."""
        with pytest.raises(DirectoryError, match="no ledger"):
            Engine.open(tmp_path, ledger.authority)
        ledger.engine.close()
        with pytest.raises(DirectoryError, match="already"):
            Engine.create(ledger.directory, ledger.genesis, ledger.allocation, ledger.authority)
        ledger.engine = Engine.open(ledger.directory, ledger.authority)

    def test_an_allocation_other_than_the_pinned_one_is_refused(self, ledger: SmallLedger, tmp_path: Path) -> None:
        """Block 0 holds what the genesis document says, or nothing is laid down."""
        short = dict(ledger.allocation)
        short.popitem()
        with pytest.raises(DirectoryError, match="allocation"):
            Engine.create(tmp_path / "other", ledger.genesis, short, ledger.authority)
        with pytest.raises(DirectoryError, match="no ledger"):
            Engine.open(tmp_path / "other", ledger.authority)


def test_small_ledgers_of_one_kind_have_one_genesis(tmp_path: Path) -> None:
    """The document is a function of its inputs alone."""
    first, second = small_ledger(tmp_path / "1"), small_ledger(tmp_path / "2")
    assert first.genesis.pin() == second.genesis.pin()
    first.engine.close()
    second.engine.close()
