"""The parameters of one JSON-RPC call, read by position into the types that the ledger works with.

It looks up nothing but the number behind a block's name.

Sources: Ethereum JSON-RPC specification; EIP-1898 (blocks by hash); EIP-234 (``blockHash`` in a filter).
"""

from collections.abc import Sequence
from typing import Final, cast

from hospes.core.errors import MalformedError
from hospes.core.identities import Address, Hash
from hospes.nodes.ledger import evm
from hospes.nodes.ledger.calls import SIMULATED_GAS, Call
from hospes.nodes.ledger.chain import Chain
from hospes.nodes.ledger.errors import UnknownBlockError
from hospes.nodes.ledger.logs import LogQuery
from hospes.nodes.ledger.metering import Budget
from hospes.nodes.ledger.quantities import read_address, read_data, read_hash, read_number

MAX_CHOICES: Final = 1_000
"""Addresses or topics among which one filter chooses, at each position."""
MAX_TOPICS: Final = 4
_HEAD_NAMES: Final = ("latest", "finalized", "safe", "pending")
"""Only sealed blocks are shown, and every sealed block is final."""
_HASH_HEX: Final = 66


class Arguments:
    """The parameters of one call; each reader raises `MalformedError` with the position.

    Parameters
    ----------
    chain : Chain
    values : sequence of object
        As they came.
    budget : Budget, optional
        What the call may cost.
    """

    def __init__(self, chain: Chain, values: Sequence[object], budget: Budget | None = None) -> None:
        self._chain = chain
        self._values = values
        self.budget = budget or Budget()

    def get(self, position: int) -> object:
        """Return a parameter as it came, None when it is not there."""
        return self._values[position] if position < len(self._values) else None

    def number(self, position: int) -> int:
        """Read a number."""
        return read_number(self.get(position), _place(position))

    def flag(self, position: int) -> bool:
        """Read a truth value; false when it is not there."""
        value = self.get(position)
        if value is not None and not isinstance(value, bool):
            raise MalformedError("flag", _place(position), "expected true or false")
        return bool(value)

    def data(self, position: int) -> bytes:
        """Read bytes."""
        return read_data(self.get(position), _place(position))

    def address(self, position: int) -> Address:
        """Read an address."""
        return read_address(self.get(position), _place(position))

    def hash(self, position: int) -> Hash:
        """Read a hash."""
        return read_hash(self.get(position), _place(position))

    def items(self, position: int, limit: int) -> list[object]:
        """Read a list of at most `limit` items."""
        return _items(self.get(position) or [], _place(position), limit)

    def block(self, position: int) -> int:
        """Read a block that must exist, by number, name or hash; the head when it is not there.

        Raises
        ------
        UnknownBlockError
            When it is not sealed.
        """
        number = self.block_number(position)
        if number > self._chain.head_number():
            raise UnknownBlockError(str(number))
        return number

    def block_number(self, position: int) -> int:
        """Read a block's number; a number may be one that is not sealed yet."""
        return _block(self._chain, self.get(position), _place(position))

    def call(self, position: int) -> Call:
        """Read a call."""
        return _call(_object(self.get(position), _place(position)))

    def log_query(self, position: int) -> LogQuery:
        """Read a filter of logs."""
        return _log_query(self._chain, _object(self.get(position), _place(position)))


def _place(position: int) -> str:
    return f"params[{position}]"


def _object(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise MalformedError("parameter", where, "expected an object")
    return cast("dict[str, object]", value)


def _items(value: object, where: str, limit: int) -> list[object]:
    if not isinstance(value, list):
        raise MalformedError("parameter", where, "expected a list")
    items = cast("list[object]", value)
    if len(items) > limit:
        raise MalformedError("parameter", where, f"at most {limit} items are allowed")
    return items


def _block(chain: Chain, value: object, where: str) -> int:
    if value is None or value in _HEAD_NAMES:
        return chain.head_number()
    if value == "earliest":
        return 0
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        if "blockHash" in fields:
            return chain.number_of(read_hash(fields["blockHash"], f"{where}.blockHash"))
        return _block(chain, fields.get("blockNumber"), f"{where}.blockNumber")
    if isinstance(value, str) and len(value) == _HASH_HEX:
        return chain.number_of(read_hash(value, where))
    return read_number(value, where)


def _call(fields: dict[str, object]) -> Call:
    data = fields.get("input", fields.get("data"))
    price = fields.get("gasPrice", fields.get("maxFeePerGas"))
    to = fields.get("to")
    return Call(
        sender=Address(bytes(20)) if fields.get("from") is None else read_address(fields["from"], "from"),
        to=None if to is None else read_address(to, "to"),
        data=b"" if data is None else read_data(data, "data"),
        value=_optional_number(fields, "value", 0),
        gas=min(_optional_number(fields, "gas", SIMULATED_GAS), evm.MAX_TRANSACTION_GAS),
        gas_price=0 if price is None else read_number(price, "gasPrice"),
        access_list=_access_list(fields.get("accessList")),
    )


def _optional_number(fields: dict[str, object], name: str, default: int) -> int:
    value = fields.get(name)
    return default if value is None else read_number(value, name)


def _access_list(value: object) -> evm.AccessList:
    entries = [_object(item, "accessList") for item in _items(value or [], "accessList", MAX_CHOICES)]
    return [
        (
            evm.eth_address(read_address(entry.get("address"), "accessList.address")),
            [
                read_number(key, "accessList.storageKeys")
                for key in _items(entry.get("storageKeys") or [], "accessList", MAX_CHOICES)
            ],
        )
        for entry in entries
    ]


def _log_query(chain: Chain, fields: dict[str, object]) -> LogQuery:
    if "blockHash" in fields:
        first = last = chain.number_of(read_hash(fields["blockHash"], "blockHash"))
    else:
        first = _block(chain, fields.get("fromBlock"), "fromBlock")
        last = _block(chain, fields.get("toBlock"), "toBlock")
    contracts = frozenset(read_address(item, "address") for item in _choices(fields.get("address"), "address"))
    positions = _items(fields.get("topics") or [], "topics", MAX_TOPICS)
    topics = tuple(
        frozenset(int.from_bytes(read_hash(item, "topics")) for item in _choices(position, "topics"))
        for position in positions
    )
    return LogQuery(first, last, contracts, topics)


def _choices(value: object, where: str) -> list[object]:
    """Read null (anything), one value, or a list of them; null in a list means anything, too."""
    if value is None:
        return []
    if not isinstance(value, list):
        return [value]
    items = _items(cast("object", value), where, MAX_CHOICES)
    return [] if None in items else items
