"""A record at rest: padded, cut into segments, sealed under its own key, described by a sealed manifest.

It does not hold keys, split them (`shares`) or move blocks. One key seals one document once: that is what makes the
counter nonces safe.

Sources: PROTOCOL section 3; Padmé: Nikitin et al., Reducing metadata leakage from encrypted files and communication
with PURBs (PoPETs 2019), section 4; AES-256-GCM: NIST SP 800-38D; HKDF: RFC 5869.
"""

import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hospes.core import wire
from hospes.core.content_ids import MAX_BLOCK_BYTES, check_block, digest_of
from hospes.core.errors import MalformedError, SealingError, TooLargeError
from hospes.core.identities import HASH_BYTES, Address, Hash, RecordId, keccak
from hospes.core.messages import CLASSES, Issued

TAG_BYTES: Final = 16
SEGMENT_BYTES: Final = MAX_BLOCK_BYTES - TAG_BYTES
"""1,048,560 bytes of document a segment: with its tag one block of 1 MiB."""
MAX_RECORD_BYTES: Final = 1 << 30
"""Ours, so that a lying manifest cannot make a reader allocate without end."""
MAX_MEDIA_TYPE: Final = 127
"""Characters of a media type (RFC 6838 section 4.2 has as many for each of its halves)."""


@dataclass(frozen=True, slots=True)
class SignedIssued:
    """The issuer's word on a document, with the signature of its account."""

    issued: Issued
    signature: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a record is made of.

    Attributes
    ----------
    what : str
        Its class; must equal the deposit's.
    media_type : str
        Printable ASCII: it stands on screens before anybody looks into the document.
    length, padded_length : int
        Bytes of the document before and after padding.
    segments : tuple of Hash
        sha2-256 of each sealed segment, in order.
    issued : SignedIssued, optional
        Absent for a document that the wallet cut: it shows as "cut by the traveller".
    """

    what: str
    media_type: str
    length: int
    padded_length: int
    segments: tuple[Hash, ...]
    issued: SignedIssued | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that contradict each other, and text that no reader could show."""
        if self.what not in CLASSES:
            raise MalformedError("Manifest", "what", "a word that the protocol does not know")
        media_type = self.media_type
        if not media_type.isascii() or not media_type.isprintable() or len(media_type) > MAX_MEDIA_TYPE:
            raise MalformedError(
                "Manifest", "mediaType", f"expected at most {MAX_MEDIA_TYPE} printable ASCII characters"
            )
        if any(len(digest) != HASH_BYTES for digest in self.segments):
            raise MalformedError("Manifest", "segments", "expected digests of 32 bytes")
        sizes = 1 <= self.length <= MAX_RECORD_BYTES and self.padded_length == padded_size(self.length)
        if not sizes or len(self.segments) != -(-self.padded_length // SEGMENT_BYTES):
            raise MalformedError("Manifest", "length", "the lengths and the segments contradict each other")


@dataclass(frozen=True, slots=True)
class RecordContext:
    """What every sealed piece of a record is bound to.

    Attributes
    ----------
    journey : Address
    record : RecordId
    what : str
        The record's class.
    """

    journey: Address
    record: RecordId
    what: str

    def _data(self, index: int, count: int) -> bytes:
        return self.journey + self.record + keccak(self.what.encode()) + index.to_bytes(4) + count.to_bytes(4)

    def seal(self, key: bytes, plaintext: bytes, index: int, count: int) -> bytes:
        """Seal one piece; its index is its nonce, so a piece is sealed once a key."""
        return AESGCM(key).encrypt(index.to_bytes(12), plaintext, self._data(index, count))

    def open(self, key: bytes, block: bytes, index: int, count: int, what: str) -> bytes:
        """Open one piece, or raise `SealingError`."""
        try:
            return AESGCM(key).decrypt(index.to_bytes(12), block, self._data(index, count))
        except (InvalidTag, ValueError) as error:
            raise SealingError(what, "wrong key, wrong place, or changed") from error


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """The blocks of one record, ready for the store.

    Attributes
    ----------
    segments : tuple of bytes
    manifest : bytes
    manifest_digest, key_check : Hash
        What the deposit says of them.
    """

    segments: tuple[bytes, ...]
    manifest: bytes
    manifest_digest: Hash
    key_check: Hash

    @property
    def blocks(self) -> tuple[bytes, ...]:
        """All blocks, the manifest last, so that a crash between leaves no manifest without segments."""
        return (*self.segments, self.manifest)


def padded_size(length: int) -> int:
    """Return Padmé's padded size: leaks O(log log length) bits of it, costs at most 12 %.

    >>> [padded_size(n) for n in (1, 9, 1000, 100_000)]
    [1, 10, 1024, 100352]
    """
    if length <= 1:
        return length
    exponent = length.bit_length() - 1
    last_bits = exponent - exponent.bit_length()
    mask = (1 << last_bits) - 1
    return (length + mask) & ~mask


def seal_record(
    context: RecordContext, key: bytes, document: bytes, media_type: str, issued: SignedIssued | None = None
) -> SealedRecord:
    """Seal a document under a key that was never used before.

    Parameters
    ----------
    context : RecordContext
    key : bytes
        32 random bytes.
    document : bytes
        1 byte to 1 GiB.

    Raises
    ------
    TooLargeError, MalformedError
        Above 1 GiB; when empty.
    """
    if not document:
        raise MalformedError("document", "", "it is empty")
    if len(document) > MAX_RECORD_BYTES:
        raise TooLargeError("document", len(document), MAX_RECORD_BYTES)
    size = padded_size(len(document))
    segments = tuple(_seal_segments(context, _derived(key, b"hospes/segment/1"), _padded(document, size)))
    digests = tuple(digest_of(segment) for segment in segments)
    manifest = Manifest(context.what, media_type, len(document), size, digests, issued)
    sealed = _seal_manifest(context, key, manifest)
    return SealedRecord(segments, sealed, digest_of(sealed), key_check(key))


def open_manifest(context: RecordContext, key: bytes, block: bytes) -> Manifest:
    """Open a manifest, or raise `SealingError` or `MalformedError`."""
    plain = context.open(_derived(key, b"hospes/manifest/1"), block, 0, 1, "the manifest")
    manifest = wire.decode(Manifest, plain.rstrip(b"\0"), limit=MAX_BLOCK_BYTES)
    if manifest.what != context.what:
        raise SealingError("the manifest", "its class is not that of the deposit")
    return manifest


def open_document(context: RecordContext, key: bytes, manifest: Manifest, segments: Sequence[bytes]) -> bytes:
    """Open the segments that `manifest` names, in its order, and return the document without padding."""
    if len(segments) != len(manifest.segments):
        raise SealingError("the record", f"{len(segments)} of {len(manifest.segments)} segments")
    segment_key, count = _derived(key, b"hospes/segment/1"), len(segments)
    pieces: list[bytes] = []
    for index, (digest, block) in enumerate(zip(manifest.segments, segments, strict=True)):
        check_block(digest, block)
        pieces.append(context.open(segment_key, block, index, count, f"segment {index}"))
    document = b"".join(pieces)
    if len(document) != manifest.padded_length or any(document[manifest.length :]):
        raise SealingError("the record", "its padding is not what the manifest says")
    return document[: manifest.length]


def key_check(key: bytes) -> Hash:
    """Return what a deposit says of its key."""
    return Hash(hmac.digest(key, b"hospes/key-check/1", "sha256"))


def check_key(key: bytes, expected: Hash) -> None:
    """Check a combined key; with right shares a failure means a bad deposit, not a bad keeper."""
    if not hmac.compare_digest(key_check(key), expected):
        raise SealingError("the record", "its key is not the one that was deposited")


def _seal_segments(context: RecordContext, key: bytes, padded: bytes) -> Iterable[bytes]:
    count = -(-len(padded) // SEGMENT_BYTES)
    for index in range(count):
        piece = padded[index * SEGMENT_BYTES : (index + 1) * SEGMENT_BYTES]
        yield context.seal(key, piece, index, count)


def _seal_manifest(context: RecordContext, key: bytes, manifest: Manifest) -> bytes:
    plain = wire.encode(manifest)
    plain = _padded(plain, padded_size(len(plain)))
    if len(plain) > SEGMENT_BYTES:
        raise TooLargeError("manifest", len(plain), SEGMENT_BYTES)
    return context.seal(_derived(key, b"hospes/manifest/1"), plain, 0, 1)


def _padded(data: bytes, size: int) -> bytes:
    return data.ljust(size, b"\0")


def _derived(key: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, b"", info).derive(key)
