"""A paper chain: the contracts' storage written by plain Python, in real tries, under real seals, behind web3's door.

Proofs, headers, seals and events are real, so everything that verifies can be tested against it in milliseconds. It
runs no virtual machine and checks no journey's signature: what the contracts refuse is tested on the real ledger.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from eth_account import Account as Signer
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes
from web3.providers.async_base import AsyncBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from hospes.contracts import calls, storage
from hospes.contracts.addresses import ACCESS_LOG, ALERTS, CONSENT, CONTRACTS, REGISTRY
from hospes.contracts.allocation import GenesisAccount, allocation_hash
from hospes.contracts.events import ENTRY
from hospes.contracts.genesis import FirstSet, Founder, GenesisSpec, allocation
from hospes.core.chain import AlertState, Entry, EntryKind, MemberWord, Role, first_head, next_head, seal_digest
from hospes.core.genesis import Genesis
from hospes.core.identities import ZERO_HASH, Account, Address, Country, Hash, MemberId, keccak, to_hex
from hospes.core.messages import Deposit, Erasure
from hospes.core.proof import Header
from hospes.core.typed_data import digest, digest_of_struct, type_hash
from hospes.service.node import Node

_rlp: Any = importlib.import_module("rlp")
_trie: Any = importlib.import_module("trie")
"""Neither has types."""
CHAIN_ID = 0x123456789ABC
START = 1_900_000_000
"""Time of block 0, Unix seconds."""
_NO_OMMERS = keccak(b"\xc0")
_EMPTY_ROOT = keccak(b"\x80")


@dataclass(frozen=True)
class PaperBlock:
    """One sealed block, and the roots that its proofs start from."""

    header: bytes
    seal: bytes
    storage_roots: dict[Address, bytes]


@dataclass(frozen=True)
class PaperLog:
    """One event as a node gives it."""

    topics: tuple[bytes, ...]
    data: bytes
    block: int
    transaction: bytes


class PaperChain:
    """A chain whose every transaction is sealed at once, in a block of its own.

    Parameters
    ----------
    founders : tuple of Founder
    keepers : FirstSet or None
    authority : Account
    chain_id : int
    oracles : FirstSet or None
    """

    def __init__(
        self,
        founders: tuple[Founder, ...],
        keepers: FirstSet | None,
        authority: Account | None = None,
        chain_id: int = CHAIN_ID,
        oracles: FirstSet | None = None,
    ) -> None:
        self.authority = authority or Account(keccak(b"authority"))
        self.time = START
        self._accounts = allocation(GenesisSpec(founders, keepers=keepers, oracles=oracles))
        self._nodes: dict[bytes, bytes] = {}
        self._storage_roots: dict[Address, bytes] = {}
        self._state: Any = _trie.HexaryTrie(self._nodes)
        for address in self._accounts:
            self._write(address, self._accounts[address].storage)
        self.blocks: list[PaperBlock] = []
        self.logs: list[PaperLog] = []
        self.receipts: dict[bytes, int] = {}
        self.nonces: dict[Address, int] = {}
        header = self._header(bytes(32))
        contracts = allocation_hash(self._accounts)
        self.genesis = Genesis(contracts, self.authority.address, chain_id, CONTRACTS, header)
        self._seal(header)

    @property
    def height(self) -> int:
        """Number of the last block."""
        return len(self.blocks) - 1

    def node(self) -> Node:
        """Return an honest node of this chain."""
        return Node(PaperProvider(self), "paper")

    def word(self, contract: Address, slot: int) -> int:
        """Return one word of a contract's storage, now."""
        return self._accounts[contract].storage.get(slot, 0)

    def member_word(self, account: Address) -> MemberWord:
        """Return what the registry says of an account."""
        return storage.decode(storage.member_word(account), _Zeros(self._accounts[REGISTRY].storage))

    def suspend(self, account: Address, block: int | None = None) -> None:
        """Suspend a member in a block of its own, or as if in another one."""
        word = self.member_word(account)
        suspended = MemberWord(word.roles, word.country, word.admitted_block, block or self.height + 1)
        self._write(REGISTRY, {storage.member_word_slot(account): suspended.pack()})
        self.seal()

    def start_epoch(self, accounts: tuple[Address, ...], threshold: int) -> None:
        """Put other keepers in office, in a block of its own."""
        number = self.word(REGISTRY, storage.epoch_number_slot(Role.KEEPER)) + 1
        places = storage.epoch_slots(Role.KEEPER, number)
        slots = {storage.epoch_number_slot(Role.KEEPER): number, places.from_block: self.height + 1}
        slots |= {places.threshold: threshold, places.accounts: len(accounts)}
        slots |= {places.accounts + 1 + i: int.from_bytes(account) for i, account in enumerate(accounts)}
        self._write(REGISTRY, slots)
        self.seal()

    def append(self, sender: Address, journey: Address, access_hash: Hash) -> Entry:
        """Log an access."""
        return self._add(journey, EntryKind.ACCESS, sender, access_hash)

    def give(self, sender: Address, journey: Address, grants_hash: Hash) -> Entry:
        """Give a consent."""
        self._stamp(journey, grants_hash, shift=128)
        return self._add(journey, EntryKind.GIVEN, sender, grants_hash)

    def withdraw(self, sender: Address, journey: Address, grants_hash: Hash) -> Entry:
        """Withdraw a consent."""
        self._stamp(journey, grants_hash, shift=0)
        return self._add(journey, EntryKind.WITHDRAWN, sender, grants_hash)

    def end(self, sender: Address, journey: Address, through: int) -> Entry:
        """End every consent given up to a block."""
        self._write(CONSENT, {storage.through_slot(journey): through})
        return self._add(journey, EntryKind.ENDED, sender, Hash(through.to_bytes(32)))

    def deposit(self, sender: Address, deposit: Deposit) -> Entry:
        """Log a deposit."""
        return self._add(deposit.journey, EntryKind.DEPOSITED, sender, digest(self.genesis.domain, deposit))

    def erase(self, sender: Address, journey: Address, erasure: Erasure) -> Entry:
        """Log an erasure."""
        return self._add(journey, EntryKind.ERASED, sender, digest(self.genesis.domain, erasure))

    def raise_alert(self, alert_hash: Hash, addressee: Address, deadline: int, oracle_epoch: int) -> AlertState:
        """Raise an alert, whoever attested it."""
        times = self.height + 1, self.time + 1, 0, 0
        return self._set_alert(alert_hash, AlertState(*times, addressee, deadline, oracle_epoch, ZERO_HASH))

    def acknowledge(self, alert_hash: Hash) -> AlertState:
        """Acknowledge an alert."""
        block, now = self.height + 1, self.time + 1
        acknowledged = replace(self.alert(alert_hash), acknowledged_block=block, acknowledged_time=now)
        return self._set_alert(alert_hash, acknowledged)

    def escalate(self, alert_hash: Hash, next_hash: Hash, addressee: Address, deadline: int, epoch: int) -> AlertState:
        """Raise the next alert, and name it as the one that followed."""
        self._write_alert(alert_hash, replace(self.alert(alert_hash), escalated_to=next_hash))
        return self.raise_alert(next_hash, addressee, deadline, epoch)

    def alert(self, alert_hash: Hash) -> AlertState:
        """Return what the chain says of an alert, now."""
        return storage.decode(storage.alert(alert_hash), _Zeros(self._accounts[ALERTS].storage))

    def log(self, journey: Address, kind: EntryKind, sender: Address, entry_hash: Hash) -> Entry:
        """Log an entry and nothing else, which the contracts never do for consents."""
        return self._add(journey, kind, sender, entry_hash)

    def set_through(self, journey: Address, through: int) -> None:
        """Change the block up to which consents ended without an entry, which the contracts never do."""
        self._write(CONSENT, {storage.through_slot(journey): through})
        self.seal()

    def run(self, sender: Address, data: bytes) -> None:
        """Run a call as the contracts would, journey's signatures apart."""
        call = calls.decode_call(data)
        given = cast("dict[str, Any]", call.arguments)
        if call.contract == "alerts":
            self._run_alert(sender, call.function, given)
            return
        journey = Address(given["journey"])
        match call.function:
            case "append":
                self.append(sender, journey, Hash(given["accessHash"]))
            case "give":
                self.give(sender, journey, Hash(given["grantsHash"]))
            case "withdraw":
                self.withdraw(sender, journey, Hash(given["grantsHash"]))
            case "end":
                self.end(sender, journey, given["through"])
            case "deposit":
                struct = keccak(type_hash(Deposit) + journey.rjust(32, b"\0") + given["bodyHash"])
                hashed = digest_of_struct(self.genesis.domain, struct)
                self._add(journey, EntryKind.DEPOSITED, sender, hashed)
            case _:
                raise NotImplementedError(call.function)

    def _run_alert(self, sender: Address, function: str, given: dict[str, Any]) -> None:
        asked = [given.get(name) for name in ("addressee", "deadline", "oracleEpoch")]
        name = Hash(given["alertHash"])
        match function:
            case "raise_alert":
                self.raise_alert(name, *cast("tuple[Address, int, int]", asked))
            case "escalate":
                self.escalate(name, Hash(given["nextHash"]), *cast("tuple[Address, int, int]", asked))
            case _:
                assert self.alert(name).addressee == sender, "not_addressee"
                self.acknowledge(name)

    def refusal(self, sender: Address, data: bytes) -> str:
        """Return the contract's reason against a call, or an empty string."""
        call = calls.decode_call(data)
        word = self.member_word(sender)
        hospital = Role.HOSPITAL in word.roles and word.active_at(self.height + 1)
        return "" if hospital or call.function != "append" else "not_active_hospital"

    def proof(self, address: Address, slots: list[int], number: int) -> tuple[list[bytes], list[list[bytes]]]:
        """Return the nodes of an account and of each slot at a block."""
        block = self.blocks[number]
        state = _trie.HexaryTrie(self._nodes, Header.decode(block.header).state_root)
        stored = _trie.HexaryTrie(self._nodes, block.storage_roots[address])
        keys = [keccak(slot.to_bytes(32)) for slot in slots]
        return _nodes(state, keccak(address)), [_nodes(stored, key) for key in keys]

    def seal(self) -> None:
        """Seal a block of what was written."""
        self.time += 1
        self._seal(self._header(keccak(self.blocks[-1].header)))

    def _seal(self, header: bytes) -> None:
        seal = self.authority.sign(seal_digest(self.genesis.chain_id, keccak(header)))
        self.blocks.append(PaperBlock(header, seal, dict(self._storage_roots)))

    def _header(self, parent: bytes) -> bytes:
        root, number = self._state.root_hash, len(self.blocks) if hasattr(self, "blocks") else 0
        begin = [parent, _NO_OMMERS, bytes(20), root, bytes(32), bytes(32), bytes(256)]
        return _encode([*begin, 0, number, 30_000_000, 0, self.time, b"", bytes(32), bytes(8)])

    def _write(self, address: Address, slots: dict[int, int]) -> None:
        account = self._accounts[address]
        trie: Any = _trie.HexaryTrie(self._nodes, self._storage_roots.get(address, _EMPTY_ROOT))
        for slot, value in slots.items():
            account.storage[slot] = value
            trie[keccak(slot.to_bytes(32))] = _encode(value)
        self._storage_roots[address] = trie.root_hash
        self._state[keccak(address)] = _record(account, trie.root_hash)

    def _set_alert(self, alert_hash: Hash, state: AlertState) -> AlertState:
        self._write_alert(alert_hash, state)
        self.seal()
        return state

    def _write_alert(self, alert_hash: Hash, state: AlertState) -> None:
        values = zip(storage.alert_slots(alert_hash), state.pack(), strict=True)
        self._write(ALERTS, {slot: value for slot, value in values if value})

    def _stamp(self, journey: Address, grants_hash: Hash, shift: int) -> None:
        slot = storage.consent_slot(journey, grants_hash)
        stamp = (self.height + 1) << 64 | (self.time + 1)
        self._write(CONSENT, {slot: self.word(CONSENT, slot) | stamp << shift})

    def _add(self, journey: Address, kind: EntryKind, sender: Address, entry_hash: Hash) -> Entry:
        heads, counts = storage.log_head_slot(journey), storage.log_count_slot(journey)
        count = self.word(ACCESS_LOG, counts)
        head = Hash(self.word(ACCESS_LOG, heads).to_bytes(32))
        if not count:
            head = first_head(self.genesis.chain_id, ACCESS_LOG, journey)
        entry = Entry(journey, count + 1, kind, sender, entry_hash, self.height + 1, self.time + 1)
        self._write(ACCESS_LOG, {heads: int.from_bytes(next_head(head, entry)), counts: entry.number})
        self.seal()
        topics = (ENTRY, journey.rjust(32, b"\0"), entry.number.to_bytes(32))
        data = entry.kind.to_bytes(32) + sender.rjust(32, b"\0") + entry_hash + entry.time.to_bytes(32)
        self.logs.append(PaperLog(topics, data, entry.block, keccak(data)))
        return entry


class PaperProvider(AsyncBaseProvider):
    """The chain as web3 sees it.

    Parameters
    ----------
    chain : PaperChain
    """

    def __init__(self, chain: PaperChain) -> None:
        super().__init__()
        self.chain = chain
        self._methods: dict[str, Callable[..., object]] = {
            "hospes_getFinality": self._finality,
            "hospes_getHeaders": self._headers,
            "eth_getProof": self._proof,
            "eth_getLogs": self._logs,
            "eth_getTransactionCount": self._nonce,
            "eth_estimateGas": self._estimate,
            "eth_sendRawTransaction": self._send,
            "eth_getTransactionReceipt": self._receipt,
        }

    async def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:  # noqa: ANN401 - web3's signature
        """Answer one call."""
        try:
            return cast("RPCResponse", {"jsonrpc": "2.0", "id": 1, "result": self._methods[method](*params)})
        except _RevertedError as error:
            failure = {"code": 3, "message": f"execution reverted: {error}"}
            return cast("RPCResponse", {"jsonrpc": "2.0", "id": 1, "error": failure})

    async def disconnect(self) -> None:
        """Close nothing."""

    def _number(self, block: str) -> int:
        return self.chain.height if block in ("finalized", "latest", "pending") else int(block, 16)

    def _finality(self, block: str) -> object:
        found = self.chain.blocks[self._number(block)]
        return {"header": to_hex(found.header), "signature": to_hex(found.seal)}

    def _headers(self, first: str, count: str) -> object:
        start = int(first, 16)
        return [to_hex(block.header) for block in self.chain.blocks[start : start + int(count, 16)]]

    def _proof(self, address: str, slots: list[str], block: str) -> object:
        numbers = [int(slot, 16) for slot in slots]
        nodes, paths = self.chain.proof(Address(bytes.fromhex(address[2:])), numbers, self._number(block))
        proofs = [{"key": slot, "proof": [to_hex(n) for n in path]} for slot, path in zip(slots, paths, strict=True)]
        return {"accountProof": [to_hex(node) for node in nodes], "storageProof": proofs}

    def _logs(self, query: dict[str, Any]) -> object:
        first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
        wanted = [bytes.fromhex(topic[2:]) for topic in query["topics"]]
        return [
            {
                "topics": [to_hex(topic) for topic in log.topics],
                "data": to_hex(log.data),
                "blockNumber": hex(log.block),
                "transactionHash": to_hex(log.transaction),
            }
            for log in self.chain.logs
            if first <= log.block <= last and list(log.topics[: len(wanted)]) == wanted
        ]

    def _nonce(self, account: str, _: str) -> object:
        return hex(self.chain.nonces.get(Address(bytes.fromhex(account[2:])), 0))

    def _estimate(self, call: dict[str, str]) -> object:
        sender, data = Address(bytes.fromhex(call["from"][2:])), bytes.fromhex(call["data"][2:])
        reason = self.chain.refusal(sender, data)
        if reason:
            raise _RevertedError(reason)
        return hex(100_000)

    def _send(self, raw: str) -> object:
        sender = Address(bytes.fromhex(str(Signer.recover_transaction(raw))[2:]))
        fields = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
        self.chain.nonces[sender] = self.chain.nonces.get(sender, 0) + 1
        self.chain.run(sender, bytes(fields["data"]))
        transaction = keccak(bytes.fromhex(raw[2:]))
        self.chain.receipts[transaction] = self.chain.height
        return to_hex(transaction)

    def _receipt(self, transaction: str) -> object:
        block = self.chain.receipts.get(bytes.fromhex(transaction[2:]))
        return None if block is None else {"blockNumber": hex(block), "status": "0x1"}


class _RevertedError(Exception):
    """A contract's refusal."""


class _Zeros(dict[int, int]):
    """Storage with zeros where nothing stands."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: int) -> int:
        return 0


def founder(name: str, roles: Role, country: str, box_key: bytes = b"") -> tuple[Account, Founder]:
    """Return a member with its account; its services stand at ``https://<name>.test``."""
    account = Account(keccak(name.encode()))
    url = f"https://{name}.test"
    return account, Founder(account.address, MemberId(name), roles, Country(country), url, box_key)


def _encode(value: object) -> bytes:
    return cast("bytes", _rlp.encode(value))


def _nodes(trie: Any, key: bytes) -> list[bytes]:  # noqa: ANN401 - see above
    return [_encode(node) for node in trie.get_proof(key)]


def _record(account: GenesisAccount, root: bytes) -> bytes:
    return _encode([account.nonce, account.balance, root, keccak(account.code)])
