"""Records at rest: only the right key, at the right place, opens them whole."""

import os
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from hospes.core.content_ids import digest_of
from hospes.core.errors import HospesError, MalformedError, SealingError
from hospes.core.identities import Address, Hash, MemberId, RecordId
from hospes.core.messages import Issued
from hospes.core.sealing import (
    SEGMENT_BYTES,
    Manifest,
    RecordContext,
    SignedIssued,
    check_key,
    key_check,
    open_document,
    open_manifest,
    padded_size,
    seal_record,
)

KEY = bytes(range(32))
HERE = RecordContext(Address(b"j" * 20), RecordId(b"r" * 32), "patient-summary")
ELSEWHERE = (
    replace(HERE, journey=Address(b"k" * 20)),
    replace(HERE, record=RecordId(b"s" * 32)),
    replace(HERE, what="emergency-summary"),
)
DOCUMENT = os.urandom(2 * SEGMENT_BYTES + 5)
SEALED = seal_record(HERE, KEY, DOCUMENT, "application/fhir+json")


def test_a_record_of_several_segments_opens() -> None:
    """What was sealed comes back whole, without its padding."""
    manifest = open_manifest(HERE, KEY, SEALED.manifest)
    assert len(manifest.segments) == 3
    assert all(len(segment) <= 1 << 20 for segment in SEALED.blocks)
    assert open_document(HERE, KEY, manifest, SEALED.segments) == DOCUMENT


@given(st.binary(min_size=1, max_size=3000))
def test_small_records_open(document: bytes) -> None:
    """Any document of one byte or more comes back."""
    sealed = seal_record(HERE, KEY, document, "text/plain")
    manifest = open_manifest(HERE, KEY, sealed.manifest)
    assert open_document(HERE, KEY, manifest, sealed.segments) == document


@pytest.mark.parametrize("context", ELSEWHERE, ids=["journey", "record", "class"])
def test_a_transplanted_record_does_not_open(context: RecordContext) -> None:
    """Blocks moved to another journey, record or class are refused."""
    with pytest.raises(SealingError):
        open_manifest(context, KEY, SEALED.manifest)
    manifest = open_manifest(HERE, KEY, SEALED.manifest)
    with pytest.raises(SealingError):
        open_document(context, KEY, manifest, SEALED.segments)


def test_another_key_does_not_open() -> None:
    """A wrong key fails its check, and opens nothing."""
    check_key(KEY, SEALED.key_check)
    with pytest.raises(SealingError):
        check_key(bytes(32), SEALED.key_check)
    with pytest.raises(SealingError):
        open_manifest(HERE, bytes(32), SEALED.manifest)


def test_swapped_repeated_missing_and_changed_segments_are_refused() -> None:
    """Order, number and content of segments are those of the manifest."""
    manifest = open_manifest(HERE, KEY, SEALED.manifest)
    one, two, three = SEALED.segments
    for wrong in (
        (two, one, three),
        (one, one, three),
        (one, two),
        (one, two, three, three),
        (one, two, three[:-1] + b"x"),
    ):
        with pytest.raises(SealingError):
            open_document(HERE, KEY, manifest, wrong)
    lying = replace(manifest, segments=(digest_of(two), digest_of(one), digest_of(three)))
    with pytest.raises(SealingError, match="wrong place"):
        open_document(HERE, KEY, lying, (two, one, three))


@given(st.integers(0, len(SEALED.manifest) - 1), st.integers(1, 255))
def test_every_bit_of_the_manifest_counts(position: int, flip: int) -> None:
    """A manifest with any byte changed does not open."""
    changed = bytearray(SEALED.manifest)
    changed[position] ^= flip
    with pytest.raises(SealingError):
        open_manifest(HERE, KEY, bytes(changed))


def test_padding_hides_lengths() -> None:
    """Documents of similar length have blocks of equal length; padding costs at most 12 %."""
    assert padded_size(100_000) == padded_size(100_352)
    for length in (1, 2, 3, 17, 1000, 54_914, 10**6, 10**9):
        assert length <= padded_size(length) <= length * 1.12 + 1


def test_a_lying_manifest_is_refused() -> None:
    """Lengths that contradict each other, unknown classes and giant claims are refused before anything is read."""
    manifest = open_manifest(HERE, KEY, SEALED.manifest)
    for change in ({"length": 0}, {"length": 1 << 40}, {"padded_length": 5}, {"segments": ()}, {"what": "x"}):
        with pytest.raises(MalformedError):
            replace(manifest, **change)
    with pytest.raises(MalformedError):
        Manifest("imaging", "x", 1, 1, (Hash(b""),))


@pytest.mark.parametrize("media_type", ["text/\x1b[2Jplain", "a\nb", "t\u00e9xt", "x\ud800", "a" * 128])
def test_a_media_type_is_short_and_printable(media_type: str) -> None:
    """It stands on a screen before the document does, so it may hold nothing that commands a terminal."""
    manifest = open_manifest(HERE, KEY, SEALED.manifest)
    with pytest.raises(MalformedError, match="mediaType"):
        replace(manifest, media_type=media_type)
    assert replace(manifest, media_type="a" * 127).media_type == "a" * 127


def test_the_issuers_word_travels_with_the_record() -> None:
    """What the issuer signed stands in the manifest, sealed with it."""
    issued = SignedIssued(Issued(MemberId("hospital-helsinki"), "patient-summary", Hash(b"d" * 32), 5), b"s" * 65)
    sealed = seal_record(HERE, KEY, b"document", "text/plain", issued)
    assert open_manifest(HERE, KEY, sealed.manifest).issued == issued
    assert open_manifest(HERE, KEY, SEALED.manifest).issued is None


def test_an_empty_document_is_refused() -> None:
    """Nothing is no record."""
    with pytest.raises(HospesError, match="empty"):
        seal_record(HERE, KEY, b"", "text/plain")


def test_vector() -> None:
    """The format does not change unnoticed: key check and manifest of a fixed record."""
    assert key_check(KEY).hex() == "95ce728deba65b59ec11d11fa429c6430aa6618ac6076774865b927388eafa4b"
    sealed = seal_record(HERE, KEY, b"Hospes", "text/plain")
    assert sealed.manifest_digest.hex() == "ac2fe524abe58d9a8e0ace45cd4f4c17134e2d434237b3721c74c0dda410f5ae"
