"""FHIR R4 as the gateway speaks it: what it can do, how it refuses, and how a summary says where it came from.

It asks nobody and serves nothing (`fhir_service` does). No message of it holds patient data: errors of Hospes never do.

Sources: FHIR R4 (4.0.1) CapabilityStatement, OperationOutcome, Resource.meta; HL7 International Patient Summary 2.0.0
(OperationDefinition ``summary``); HL7 v3 ActReason (purposes, break the glass).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hospes.clients.hospital.gateway_errors import NotFhirError
from hospes.clients.hospital.record import OpenedRecord, Unopened
from hospes.clients.hospital.screen import DEMONSTRATION, FHIR
from hospes.core.errors import TABLE, HospesError, MalformedError, TooLargeError
from hospes.core.messages import EMERGENCY, RESEARCH, TREATMENT
from hospes.core.printing import printable
from hospes.core.summary import Json, JsonObject, encode
from hospes.core.summary.tree import as_object, as_text, parse

VERSION: Final = "4.0.1"
SUMMARY_OPERATION: Final = "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"
PROBLEM: Final = "urn:hospes:problem"
ORIGIN: Final = "urn:hospes:origin"
RECORD_CLASS: Final = "urn:hospes:record-class"
ENTRY: Final = "urn:hospes:entry"
NETWORK: Final = "urn:hospes:network"
OURS: Final = "urn:hospes:"
ACT_REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
PURPOSES_OF_USE: Final = {TREATMENT: "TREAT", RESEARCH: "HRESCH", EMERGENCY: "BTG"}
TEST_DATA: Final = "HTEST"
REFUSED: Final = (
    "nothing was released: no valid consent, no or a wrong card, or no such journey; nobody can tell which. "
    "The request stands in the log of the journey."
)
MAX_DIAGNOSTICS: Final = 2000
_ISSUES: Final = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    413: "too-long",
    422: "processing",
    429: "throttled",
    503: "transient",
    507: "no-store",
}
"""Code of the value set issue-type by HTTP status; all others are ``exception``."""
_ELSEWHERE: Final = frozenset({502, 504})
"""Something behind this server failed: for the caller it is not available now, and asking later may help."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A refusal.

    Attributes
    ----------
    status : int
        HTTP status.
    body : bytes
        An OperationOutcome.
    """

    status: int
    body: bytes


def outcome_of(error: HospesError) -> Outcome:
    """Return how a FHIR client sees an error."""
    row = TABLE[error.slug]
    status = 503 if row.status in _ELSEWHERE else row.status
    told = REFUSED if error.slug == "nothing-released" else printable(str(error), MAX_DIAGNOSTICS)
    return outcome(status, error.slug, row.title, told)


def outcome(status: int, slug: str, title: str, diagnostics: str) -> Outcome:
    """Return an OperationOutcome with one issue."""
    issue: JsonObject = {
        "severity": "error",
        "code": _ISSUES.get(status, "exception"),
        "details": {"coding": [{"system": PROBLEM, "code": slug}], "text": title},
        "diagnostics": diagnostics,
    }
    return Outcome(status, encode({"resourceType": "OperationOutcome", "issue": [issue]}))


def accepts(accept: str, formats: Sequence[str]) -> bool:
    """Whether a caller takes FHIR as JSON, by its header ``Accept`` or, which goes first, ``_format``."""
    wanted = formats[0] if formats else accept
    kinds = (each.split(";")[0].strip().lower() for each in wanted.split(","))
    # In a query, a plus sign may arrive as the space that it stands for there.
    return not wanted or any(
        each.replace(" ", "+") in {FHIR, "application/json", "json", "*/*", "application/*"} for each in kinds
    )


def summary_bundle(record: OpenedRecord, why: str, *, demonstration: bool, unopened: Sequence[Unopened] = ()) -> bytes:
    """Return a record as it came, with tags that say where from, in which class, by which entry, and what for.

    Every element and every digit of the document stands as it did; only tags of ours that it brought along are taken
    out: nobody but the gateway says who issued it. A newer record of the class that did not open is told by a tag, too.

    Raises
    ------
    NotFhirError
        When the record is no bundle.
    """
    bundle = _bundle(record)
    meta = dict(as_object(bundle.get("meta")))
    meta["tag"] = [
        *_foreign(meta.get("tag"), OURS),
        *_tags(record, demonstration=demonstration),
        *_newer(record, unopened),
    ]
    codes = (PURPOSES_OF_USE[why], TEST_DATA) if demonstration else (PURPOSES_OF_USE[why],)
    reasons: list[Json] = [{"system": ACT_REASON, "code": code} for code in codes]
    meta["security"] = [*_foreign(meta.get("security"), ACT_REASON), *reasons]
    tagged: JsonObject = {"resourceType": "Bundle"}
    tagged |= {name: value for name, value in bundle.items() if name == "id"}
    tagged["meta"] = meta
    tagged |= {name: value for name, value in bundle.items() if name not in tagged}
    return encode(tagged)


def capability(title: str, url: str, *, demonstration: bool) -> bytes:
    """Return the CapabilityStatement of a gateway."""
    operation: JsonObject = {
        "name": "summary",
        "definition": SUMMARY_OPERATION,
        "documentation": (
            "The patient is the journey's address. What for and for whom comes from the token. With break_glass=true, "
            "and with nothing else, it is a break-glass: the emergency summary, which the traveller is told of."
        ),
    }
    description = f"{title}. {DEMONSTRATION}" if demonstration else title
    security: JsonObject = {"description": "A bearer token of this hospital (RFC 6750)."}
    statement: JsonObject = {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "experimental": demonstration,
        "date": "2026-01-01",
        "kind": "instance",
        "software": {"name": "Hospes gateway"},
        "implementation": {"description": description, "url": url},
        "fhirVersion": VERSION,
        "format": [FHIR],
        "rest": [
            {
                "mode": "server",
                "security": security,
                "resource": [{"type": "Patient", "operation": [operation]}],
            }
        ],
    }
    return encode(statement)


def _bundle(record: OpenedRecord) -> JsonObject:
    kind = printable(record.media_type.split(";")[0].strip(), 80)
    if kind not in {FHIR, "application/json"}:
        raise NotFhirError(kind or "of an unknown kind")
    try:
        bundle = parse(record.document)
    except (MalformedError, TooLargeError) as error:
        raise NotFhirError(f"{kind} that cannot be read") from error
    if as_text(bundle.get("resourceType")) != "Bundle":
        raise NotFhirError(f"{kind} without a bundle")
    return bundle


def _tags(record: OpenedRecord, *, demonstration: bool) -> list[Json]:
    origin = record.origin
    code = "cut-by-the-traveller" if origin.issuer is None else "issued"
    tags: list[Json] = [
        {"system": ORIGIN, "code": code, "display": printable(origin.text)},
        {"system": RECORD_CLASS, "code": record.what},
        {"system": ENTRY, "code": str(record.number)},
    ]
    if origin.issuer is not None:
        tags.append({"system": f"{OURS}issuer", "code": origin.issuer})
    if demonstration:
        tags.append({"system": NETWORK, "code": "demonstration", "display": DEMONSTRATION})
    return tags


def _newer(record: OpenedRecord, unopened: Sequence[Unopened]) -> list[Json]:
    newer = (each for each in unopened if each.what == record.what)
    told = "a newer record of this class could not be opened"
    return [{"system": f"{OURS}unopened-entry", "code": str(each.number), "display": told} for each in newer]


def _foreign(value: Json, system: str) -> list[Json]:
    """Return the codings of a list that are not of our systems."""
    codings = value if isinstance(value, list) else []
    return [each for each in codings if not as_text(as_object(each).get("system")).startswith(system)]
