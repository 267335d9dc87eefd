"""Where an inspection asks: a data directory, or the address of a ledger. Both answer the same JSON-RPC calls.

It believes what it is told and proves nothing; it is for the people who run the ledger.
"""

from pathlib import Path
from typing import Final, Protocol, Self, cast

import httpx

from hospes.nodes.ledger.directory import open_chain
from hospes.nodes.ledger.rpc import Rpc
from hospes.service.errors import NodeError, UnreachableError

TIMEOUT_S: Final = 30.0


class Source(Protocol):
    """Something that answers JSON-RPC calls."""

    def ask(self, method: str, *values: object) -> object:
        """Return the result of one call, or raise `HospesError`."""
        ...


class DirectorySource:
    """The ledger in a data directory, read only; it may be running.

    Parameters
    ----------
    directory : Path

    Raises
    ------
    DirectoryError
        When there is none.
    """

    def __init__(self, directory: Path) -> None:
        self._chain = open_chain(directory, read_only=True)
        self._rpc = Rpc(self._chain)

    def ask(self, method: str, *values: object) -> object:
        """Return the result of one call."""
        return self._rpc.call(method, list(values))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._chain.database.close()


class UrlSource:
    """A served ledger.

    Parameters
    ----------
    url : str
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.Client(timeout=TIMEOUT_S, trust_env=False)

    def ask(self, method: str, *values: object) -> object:
        """Return the result of one call.

        Raises
        ------
        UnreachableError, NodeError
        """
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(values)}
        try:
            answer = cast("object", self._http.post(self._url, json=request).json())
        except (httpx.HTTPError, ValueError) as error:
            raise UnreachableError(f"the ledger at {self._url}", _in_words(error)) from error
        fields = cast("dict[str, object]", answer) if isinstance(answer, dict) else {}
        if "result" not in fields:
            raise NodeError(method, str(fields.get("error", "no answer")))
        return fields["result"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()


def _in_words(error: Exception) -> str:
    """Return why no answer came, for somebody who need not know the client's library."""
    if isinstance(error, httpx.TimeoutException):
        return f"it did not answer within {TIMEOUT_S:g} s"
    if isinstance(error, httpx.NetworkError):
        return "nobody answers there; is a ledger running? Begin one with: hospes up"
    return "what answers there is no ledger; is its address right?"
