"""The standard: which elements a patient summary must have, and which codes it allows, as far as they are checked.

Sources: International Patient Summary 2.0.0, differential of each profile (lower cardinality 1), on top of FHIR R4
(4.0.1), where the same is required of every resource; required bindings: FHIR R4, the page of each resource.
"""

from typing import Final

PATIENT_SUMMARY: Final = "60591-5"
"""LOINC code of the document type."""

REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "AllergyIntolerance": ("code", "patient"),
    "CarePlan": ("status", "intent", "subject"),
    "Composition": ("status", "type", "subject", "date", "author", "title", "section"),
    "Condition": ("code", "subject"),
    "Consent": ("status", "scope", "category"),
    "DeviceUseStatement": ("status", "subject", "device", "timing[x]"),
    "DiagnosticReport": ("status", "code", "subject", "effective[x]"),
    "DocumentReference": ("status", "content"),
    "Flag": ("status", "code", "subject"),
    "Immunization": ("status", "vaccineCode", "patient", "occurrence[x]"),
    "Medication": ("code",),
    "MedicationRequest": ("status", "intent", "medication[x]", "subject"),
    "MedicationStatement": ("status", "medication[x]", "subject", "effective[x]"),
    "Observation": ("status", "code", "subject", "effective[x]"),
    "Organization": ("name",),
    "Patient": ("name", "birthDate"),
    "Practitioner": ("name",),
    "Procedure": ("status", "code", "subject", "performed[x]"),
}
"""Elements that must be there, or be said to be absent by an extension. ``[x]`` stands for any type."""

_EVENT: Final = ("preparation", "in-progress", "not-done", "on-hold", "stopped", "completed")
_ERROR: Final = ("entered-in-error",)
_RESULT: Final = ("registered", "partial", "preliminary", "final", "amended", "corrected", "appended", "cancelled")

ALLOWED: Final[dict[str, dict[str, frozenset[str]]]] = {
    "AllergyIntolerance": {
        "clinicalStatus": frozenset({"active", "inactive", "resolved"}),
        "verificationStatus": frozenset({"unconfirmed", "confirmed", "refuted", *_ERROR}),
        "type": frozenset({"allergy", "intolerance"}),
        "category": frozenset({"food", "medication", "environment", "biologic"}),
        "criticality": frozenset({"low", "high", "unable-to-assess"}),
    },
    "CarePlan": {
        "status": frozenset({"draft", "active", "on-hold", "revoked", "completed", *_ERROR, "unknown"}),
    },
    "Composition": {
        "status": frozenset({"preliminary", "final", "amended", *_ERROR}),
    },
    "Condition": {
        "clinicalStatus": frozenset({"active", "recurrence", "relapse", "inactive", "remission", "resolved"}),
        "verificationStatus": frozenset(
            {"unconfirmed", "provisional", "differential", "confirmed", "refuted", *_ERROR}
        ),
    },
    "Consent": {
        "status": frozenset({"draft", "proposed", "active", "rejected", "inactive", *_ERROR}),
    },
    "Device": {
        "status": frozenset({"active", "inactive", *_ERROR, "unknown"}),
    },
    "DeviceUseStatement": {
        "status": frozenset({"active", "completed", *_ERROR, "intended", "stopped", "on-hold"}),
    },
    "DiagnosticReport": {
        "status": frozenset({*_RESULT, *_ERROR, "unknown"}),
    },
    "DocumentReference": {
        "status": frozenset({"current", "superseded", *_ERROR}),
    },
    "Flag": {
        "status": frozenset({"active", "inactive", *_ERROR}),
    },
    "Immunization": {
        "status": frozenset({"completed", *_ERROR, "not-done"}),
    },
    "MedicationRequest": {
        "status": frozenset({"active", "on-hold", "cancelled", "completed", *_ERROR, "stopped", "draft", "unknown"}),
    },
    "MedicationStatement": {
        "status": frozenset({"active", "completed", *_ERROR, "intended", "stopped", "on-hold", "unknown", "not-taken"}),
    },
    "Observation": {
        "status": frozenset({*_RESULT, *_ERROR, "unknown"}) - {"partial", "appended"},
    },
    "Patient": {
        "gender": frozenset({"male", "female", "other", "unknown"}),
    },
    "Procedure": {
        "status": frozenset({*_EVENT, *_ERROR, "unknown"}),
    },
}
"""Codes that required bindings allow."""

PAST: Final = frozenset({
    "authoredOn", "birthDate", "dateAsserted", "issued", "lastOccurrence", "occurrenceDateTime", "onsetDateTime",
    "performedDateTime", "recordedDate", "recordedOn",
})  # fmt: skip
"""Elements that report something as past. `effectiveDateTime` does so in results, not in medicines."""

RESULTS: Final = frozenset({"DiagnosticReport", "Observation"})
