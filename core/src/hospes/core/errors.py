"""The root of all errors of Hospes, and the one table that says how each of them looks on a wire.

It does not log and does not translate foreign exceptions; the rim of each part does that with ``raise X from error``.
A leaf keeps its facts as attributes, builds its own message, and never holds patient data.

Sources: RFC 9457 (problem details), JSON-RPC 2.0 section 5.1, PROTOCOL section 5 ("Errors are problem+json").
"""

from dataclasses import dataclass
from typing import ClassVar, Final


class HospesError(Exception):
    """Root of every error that Hospes raises on purpose."""

    slug: ClassVar[str] = "error"
    """Stable name of the error on every wire; a key of `TABLE`."""


class MalformedError(HospesError):
    """An input that does not have the form the protocol gives it.

    Parameters
    ----------
    what : str
        The thing that was read, such as ``"Grant"`` or ``"card"``.
    where : str
        The place in it: a field path, an offset, or an empty string for the whole.
    reason : str
        What is wrong with it, without quoting the value.
    """

    slug = "malformed"

    def __init__(self, what: str, where: str, reason: str) -> None:
        self.what, self.where, self.reason = what, where, reason
        place = f" at {where}" if where else ""
        super().__init__(f"{what} is malformed{place}: {reason}")


class TooLargeError(HospesError):
    """An input above the bound that the protocol sets for it.

    Parameters
    ----------
    what : str
        The thing that was read.
    size, limit : int
        Its size and the largest allowed, in the unit named by `unit`.
    unit : str
        ``"bytes"`` unless said.
    """

    slug = "too-large"

    def __init__(self, what: str, size: int, limit: int, unit: str = "bytes") -> None:
        self.what, self.size, self.limit, self.unit = what, size, limit, unit
        super().__init__(f"{what} is too large: {size} {unit}, at most {limit} are allowed")


class SignatureError(HospesError):
    """A signature that is not the one required: wrong form, wrong signer or over something else."""

    slug = "wrong-signature"

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"the signature of {what} does not hold: {reason}")


class ProofError(HospesError):
    """A claim about the chain that its proof does not support."""

    slug = "unproven"

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"{what} is not proven: {reason}")


class SealingError(HospesError):
    """A sealed block, manifest or record that does not open to what its deposit promised."""

    slug = "does-not-open"

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"{what} does not open: {reason}")


class BoxError(HospesError):
    """A box that the given key and context do not open."""

    slug = "box-does-not-open"

    def __init__(self, label: str) -> None:
        self.label = label
        super().__init__(f"the box {label} does not open with this key and context")


class ShareError(HospesError):
    """Shares that cannot be combined: too few, repeated, or not of one key."""

    slug = "shares-do-not-combine"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"shares do not combine: {reason}")


class ConfigurationError(HospesError):
    """A setting, file or directory that the operator must mend before the program can run."""

    slug = "configuration"

    def __init__(self, setting: str, reason: str) -> None:
        self.setting, self.reason = setting, reason
        super().__init__(f"{setting}: {reason}")


@dataclass(frozen=True, slots=True)
class Row:
    """How one error looks outside.

    Attributes
    ----------
    status : int
        HTTP status of its problem+json.
    rpc_code : int
        JSON-RPC error code.
    title : str
        One line for a person, the same for every occurrence.
    """

    status: int
    rpc_code: int
    title: str


TABLE: Final[dict[str, Row]] = {
    "error": Row(500, -32000, "Something failed inside this service"),
    "malformed": Row(400, -32602, "The input does not have the required form"),
    "too-large": Row(413, -32602, "The input is larger than allowed"),
    "wrong-signature": Row(403, -32001, "The signature does not hold"),
    "unproven": Row(409, -32002, "The chain does not prove it"),
    "does-not-open": Row(422, -32003, "The record does not open"),
    "box-does-not-open": Row(400, -32602, "The box does not open"),
    "shares-do-not-combine": Row(422, -32003, "The shares do not combine"),
    "rate-limited": Row(429, -32005, "Too many requests from this source"),
    "body-late": Row(408, -32005, "The body did not arrive in time"),
    "crowded": Row(429, -32005, "Too much is under way from this source"),
    "overfull": Row(503, -32005, "Too much is under way; try again later"),
    "overdue": Row(503, -32000, "Work of this service in the background is overdue"),
    "database-failed": Row(503, -32000, "The database of this service failed"),
    "ledger-node": Row(502, -32000, "The ledger node did not answer as it should"),
    "unreachable": Row(504, -32000, "A service cannot be reached"),
    "remote": Row(502, -32000, "Another member's service refused"),
    "transaction-failed": Row(409, 3, "The contract refused the transaction"),
    "transaction-pending": Row(504, -32000, "The transaction is not final yet"),
    "refused-by-contract": Row(409, 3, "The contract refused the call"),
    "not-on-chain": Row(404, -32004, "The chain does not hold it"),
    "permission-missing": Row(401, -32001, "A permission must come with the call"),
    "permission-expired": Row(403, -32001, "The permission has expired"),
    "not-named": Row(403, -32001, "The permission does not name it"),
    "clock-differs": Row(403, -32001, "The request is not fresh"),
    "not-a-member": Row(403, -32001, "Only active members may ask this"),
    "wrong-block": Row(422, -32602, "The content is not that of its id"),
    "block-missing": Row(404, -32004, "The store does not hold the block"),
    "block-erased": Row(410, -32004, "The journey erased the block"),
    "block-damaged": Row(500, -32000, "The store's copy is damaged"),
    "store-full": Row(507, -32005, "The store has no room"),
    "store-failed": Row(503, -32000, "The store's database failed"),
    "ledger": Row(500, -32000, "Something failed inside the ledger"),
    "transaction-kind": Row(400, -32000, "The ledger does not take this kind of transaction"),
    "wrong-chain": Row(400, -32000, "The transaction is for another network"),
    "wrong-nonce": Row(409, -32000, "The transaction is not the sender's next one"),
    "funds-missing": Row(402, -32000, "The sender cannot pay for the transaction"),
    "wrong-gas": Row(400, -32000, "The transaction's gas limit is out of bounds"),
    "sender-not-a-member": Row(403, -32001, "Only active members may write to this ledger"),
    "already-known": Row(409, -32000, "The ledger has this transaction already"),
    "ledger-busy": Row(503, -32005, "The ledger has too much to do; try again later"),
    "unknown-block": Row(404, -32001, "The ledger has no such block"),
    "call-reverted": Row(422, 3, "A contract refused the call"),
    "call-failed": Row(422, -32000, "The call did not run to its end"),
    "ledger-directory": Row(500, -32000, "The ledger's data directory must be mended"),
    "stranger": Row(500, -32000, "The key is not the one of the network's authority"),
    "unknown-method": Row(404, -32601, "There is no such method"),
    "invalid-request": Row(400, -32600, "This is not a request"),
    "unparsable-request": Row(400, -32700, "This is not JSON"),
    "too-wide": Row(413, -32005, "The answer would be too large"),
    "too-costly": Row(413, -32005, "The answer would take too long"),
    "foreign-page": Row(403, -32001, "This web page may not ask this"),
    "bundle-refuted": Row(422, -32002, "The audit bundle does not hold"),
    "wrong-passphrase": Row(403, -32001, "The passphrase does not open the wallet"),
    "weak-passphrase": Row(400, -32602, "The passphrase is too short"),
    "wallet-file": Row(500, -32000, "A file of the wallet must be mended"),
    "no-journey": Row(404, -32004, "The wallet has no such journey"),
    "no-consent": Row(404, -32004, "The journey has no such consent"),
    "ended-for-good": Row(409, -32002, "The journey was ended for good"),
    "suspended-member": Row(409, -32002, "The member is suspended"),
    "too-few-keepers": Row(503, -32000, "Too few keepers accepted the record"),
    "stores-failed": Row(503, -32000, "No store holds the record"),
    "not-relayed": Row(504, -32000, "The call is not in the log yet"),
    "notice": Row(502, -32000, "A keeper's notice does not hold"),
    "not-final": Row(503, -32002, "The entry is not final yet; try again later"),
    "wrong-entry": Row(403, -32002, "The entry is not that of the access shown"),
    "stale": Row(403, -32001, "It is too old, or a clock is wrong"),
    "clock-behind": Row(503, -32000, "The keeper's clock is behind; try again later"),
    "deposit-refused": Row(422, -32602, "The keeper cannot hold this deposit"),
    "conflict": Row(409, -32000, "It contradicts what the keeper holds"),
    "no-receipt": Row(409, -32004, "The keeper has not deleted it yet"),
    "block-unavailable": Row(502, -32000, "No store has the block"),
    "not-a-hospital": Row(403, -32001, "Only an active hospital may ask this"),
    "nothing-released": Row(404, -32004, "The keepers released nothing"),
    "records-failed": Row(422, -32003, "No record could be opened"),
    "too-few-shares": Row(503, -32000, "Too few keepers gave a share"),
    "token": Row(401, -32001, "A valid token must come with the call"),
    "not-allowed": Row(403, -32001, "The token does not allow it"),
    "not-confirmed": Row(409, -32002, "The break-glass was not confirmed"),
    "wrong-alert": Row(422, -32602, "It is no alert for this hospital"),
    "inbox-full": Row(507, -32005, "The inbox has no room for alerts that the chain does not confirm"),
    "no-alert": Row(404, -32004, "The inbox has no such alert"),
    "unconfirmed-alert": Row(409, -32002, "The chain does not confirm the alert"),
    "gateway-file": Row(503, -32000, "The gateway's file failed"),
    "not-fhir": Row(422, -32003, "The record is no FHIR document"),
    "not-acceptable": Row(406, -32602, "There is no such format here"),
    "too-many-streams": Row(503, -32005, "Too many live views are open"),
    "wrong-network": Row(422, -32602, "It belongs to another network"),
    "not-agreed": Row(409, -32002, "The traveller did not agree"),
    "no-record": Row(404, -32004, "The journey has no such record"),
    "unknown-variable": Row(400, -32602, "Risk has no such variable or feature"),
    "damaged-model": Row(500, -32000, "A learned model of this installation must be mended"),
    "too-few-cases": Row(422, -32602, "There are too few cases to evaluate"),
    "foreign-frame": Row(403, -32001, "The frame is not for this receiver"),
    "forged-frame": Row(403, -32001, "The frame was not sealed under this key"),
    "repeated-frame": Row(409, -32000, "The frame was received before"),
    "future-frame": Row(409, -32001, "The frame is ahead of the clock"),
    "device": Row(500, -32000, "The device core refused, or its flash failed"),
    "enrolment-refused": Row(409, -32000, "The oracle cannot take the enrolment"),
    "not-attested": Row(403, -32001, "The oracle does not attest it"),
    "oracle-full": Row(507, -32005, "The oracle has no room"),
    "oracle-file": Row(503, -32000, "The oracle's database failed"),
    "no-hospital": Row(503, -32004, "No hospital is left to be asked"),
    "unknown-language": Row(400, -32602, "The translator does not have this language"),
    "translator-pack": Row(500, -32000, "A file of the translator must be mended"),
    "configuration": Row(500, -32000, "This installation must be mended"),
}
"""Every error by its slug; `tests/core/test_errors.py` walks all leaves of all parts against it."""
