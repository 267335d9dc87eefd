"""JSON-RPC 2.0 over bytes: a body in, a body out, whatever came.

It does not know what the methods do, opens no socket, and never lets an error out: every failure is an answer with a
code from the one table of errors, without a traceback and without the value that was refused.

Sources: JSON-RPC 2.0 specification (2013), sections 4 to 6; EIP-1474 (codes).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import msgspec
import structlog

from hospes.core.errors import TABLE, HospesError, MalformedError, TooLargeError
from hospes.core.identities import to_hex
from hospes.nodes.ledger.arguments import Arguments
from hospes.nodes.ledger.chain import Chain
from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.errors import (
    InvalidRequestError,
    RevertedError,
    TooWideError,
    UnknownMethodError,
    UnparsableRequestError,
    place_of,
)
from hospes.nodes.ledger.metering import READING_S, SIMULATION_S, Budget
from hospes.nodes.ledger.methods import Method, Methods

MAX_BODY_BYTES: Final = 1 << 23
MAX_BATCH: Final = 1_000
"""Requests in one body."""
MAX_SIMULATIONS: Final = 100
"""Calls and estimates in one body."""
MAX_ANSWER_BYTES: Final = 1 << 25
"""Of all answers to one body together."""
_MAX_NAME: Final = 64
_INTERNAL: Final = {"code": -32603, "message": "internal error; the ledger's log says more"}
_SIMULATED: Final = ("eth_call", "eth_estimateGas")
"""Client libraries take any `data` in an error of these for what a contract returned."""

_log = structlog.get_logger("hospes.ledger")


@dataclass(frozen=True, slots=True)
class Question:
    """A body that is JSON.

    Attributes
    ----------
    requests : tuple of object
        As they came.
    is_batch : bool
        Whether the answer is a list.
    """

    requests: tuple[object, ...]
    is_batch: bool

    @property
    def simulations(self) -> int:
        """How many of the requests run contracts."""
        return sum(_method_of(request) in _SIMULATED for request in self.requests)


class Rpc:
    """Answers JSON-RPC for one chain; safe to share between threads.

    Parameters
    ----------
    chain : Chain
    engine : Engine, optional
        Without one, transactions are not taken.
    """

    def __init__(self, chain: Chain, engine: Engine | None = None) -> None:
        self._chain = chain
        self._methods: Mapping[str, Method] = Methods(chain, engine).table()

    def answer(self, body: bytes) -> bytes | None:
        """Return the answer to a body; None when it asks for none (notifications only)."""
        try:
            return self.reply(read(body))
        except HospesError as error:
            return failed(None, "", error)

    def reply(self, question: Question) -> bytes | None:
        """Return the answer to a body that was read; the thread that calls this does the work."""
        budget = Budget(SIMULATION_S if question.simulations else READING_S)
        if not question.is_batch:
            return self._answer_one(question.requests[0], budget)
        answers: list[bytes] = []
        size = 0
        for request in question.requests:
            if size > MAX_ANSWER_BYTES:
                answer: bytes | None = failed(_id_of(request), "", TooWideError("bytes", MAX_ANSWER_BYTES))
            else:
                answer = self._answer_one(request, budget)
            if answer is not None:
                answers.append(answer)
                size += len(answer)
        return b"[" + b",".join(answers) + b"]" if answers else None

    def _answer_one(self, request: object, budget: Budget) -> bytes | None:
        method = ""
        try:
            method, values = _read(request)
            budget.check()
            result = self.call(method, values, budget)
            answer = msgspec.json.encode({"jsonrpc": "2.0", "id": _id_of(request), "result": result})
        except HospesError as error:
            answer = failed(_id_of(request), method, error)
        except Exception as error:  # noqa: BLE001 - a defect of ours; the client must get an answer and no traceback
            _log.error("rpc_failed", method=method, error=type(error).__name__, reason=place_of(error))
            answer = msgspec.json.encode({"jsonrpc": "2.0", "id": _id_of(request), "error": _INTERNAL})
        return None if _is_notification(request) else answer

    def call(self, method: str, values: list[object], budget: Budget | None = None) -> object:
        """Call one method with its parameters and return its result as a tree of JSON.

        Without a budget it may take as long as it takes.

        Raises
        ------
        HospesError
        """
        handler = self._methods.get(method)
        if handler is None:
            raise UnknownMethodError(method if method.isidentifier() and len(method) <= _MAX_NAME else "(not a name)")
        return handler(Arguments(self._chain, values, budget))


def read(body: bytes) -> Question:
    """Read a body.

    Raises
    ------
    UnparsableRequestError, InvalidRequestError, TooLargeError
        When it is not JSON or an empty batch; when it is too large, or asks for too much.
    """
    parsed = _parsed(body)
    if not isinstance(parsed, list):
        return Question((parsed,), is_batch=False)
    question = Question(tuple(cast("list[object]", parsed)), is_batch=True)
    if not question.requests:
        raise InvalidRequestError("the batch is empty")
    if len(question.requests) > MAX_BATCH:
        raise TooLargeError("batch", len(question.requests), MAX_BATCH, "requests")
    if question.simulations > MAX_SIMULATIONS:
        raise TooLargeError("batch", question.simulations, MAX_SIMULATIONS, "calls and estimates")
    return question


def _parsed(body: bytes) -> object:
    if len(body) > MAX_BODY_BYTES:
        raise TooLargeError("request", len(body), MAX_BODY_BYTES)
    try:
        return cast("object", msgspec.json.decode(body))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UnparsableRequestError from error


def _read(request: object) -> tuple[str, list[object]]:
    """Return method and parameters, or raise `InvalidRequestError` or `MalformedError`."""
    if not isinstance(request, dict):
        raise InvalidRequestError("expected an object")
    fields = cast("dict[str, object]", request)
    method, values = fields.get("method"), fields.get("params", [])
    if fields.get("jsonrpc") != "2.0":
        raise InvalidRequestError('expected "jsonrpc": "2.0"')
    if not isinstance(method, str):
        raise InvalidRequestError("expected a method's name")
    if "id" in fields and not _is_id(fields["id"]):
        raise InvalidRequestError("an id is a text, a number or null")
    if values is None:
        values = []
    if not isinstance(values, list):
        raise MalformedError("params", "", "expected a list")
    return method, cast("list[object]", values)


def _method_of(request: object) -> object:
    return cast("dict[str, object]", request).get("method") if isinstance(request, dict) else None


def _is_id(value: object) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _id_of(request: object) -> object:
    fields = cast("dict[str, object]", request) if isinstance(request, dict) else {}
    value = fields.get("id")
    return value if _is_id(value) else None


def _is_notification(request: object) -> bool:
    """Whether it is a well-formed request without an id; whatever else went wrong, nobody waits for its answer."""
    return (
        isinstance(request, dict)
        and "id" not in request
        and isinstance(cast("dict[str, object]", request).get("method"), str)
    )


def failed(request_id: object, method: str, error: HospesError) -> bytes:
    """Return the answer that tells an error."""
    return msgspec.json.encode({"jsonrpc": "2.0", "id": request_id, "error": error_shape(error, method)})


def error_shape(error: HospesError, method: str = "") -> dict[str, object]:
    """Return an error's code and message, and as data what a contract returned, or else the error's slug."""
    shape: dict[str, object] = {"code": TABLE[error.slug].rpc_code, "message": str(error)}
    if isinstance(error, RevertedError):
        shape["data"] = to_hex(error.output)
    elif method not in _SIMULATED:
        shape["data"] = {"slug": error.slug}
    return shape
