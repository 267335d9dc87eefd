"""ChaCha20-Poly1305 of the core, on this machine and on Cortex-M4, against the vectors of others."""

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given, strategies as st

from tests.firmware.machines import Host, Machine
from tests.simulators.wearable_core import errors

VECTORS = Path(__file__).parents[1] / "vectors" / "firmware"


def read(name: str) -> list[dict[str, str]]:
    """Return the blocks of a file in NIST form, names in lower case."""
    blocks = re.split(r"\n\s*\n", (VECTORS / name).read_text("utf-8"))
    pairs = [re.findall(r"^(\w+) ?= ?(.*)$", block, re.MULTILINE) for block in blocks]
    return [{key.lower(): value for key, value in block} for block in pairs if block]


def octets(value: str) -> bytes:
    """Return what a vector writes in hexadecimal or in quotes."""
    return value[1:-1].encode() if value.startswith('"') else bytes.fromhex(value)


AEAD = [
    (octets(v["key"]), octets(v["nonce"]), octets(v["ad"]), octets(v["in"]), octets(v["ct"]), octets(v["tag"]))
    for v in read("aead-boringssl.txt")
    if "nonce" in v and "tag" in v
]
OPENSSL = [v for v in read("aead-openssl.txt") if len(v.get("iv", "")) == 24]


def seal(machine: Machine, key: bytes, nonce: bytes, ad: bytes, text: bytes) -> bytes:
    """Return ciphertext and tag."""
    buffer, tag = bytearray(text), bytearray(16)
    machine.call("hsp_aead_seal", key, nonce, ad, len(ad), buffer, len(buffer), tag)
    return bytes(buffer + tag)


def test_chacha20_appendix_a(machine: Machine) -> None:
    """The key stream is that of RFC 8439 appendix A.2, from its block counters on."""
    vectors = read("chacha20-rfc7539.txt")
    assert len(vectors) == 3
    for v in vectors:
        text = bytearray(octets(v["plaintext"]))
        machine.call(
            "hsp_chacha20", octets(v["key"]), int(v["initial_block_counter"]), octets(v["nonce"]), text, len(text)
        )
        assert text == octets(v["ciphertext"])


def test_poly1305_appendix_a(machine: Machine) -> None:
    """The tags are those of RFC 8439 appendix A.3, which sits on every carry and reduction."""
    vectors = read("poly1305-rfc7539.txt")
    assert len(vectors) == 11
    for v in vectors:
        message, tag = octets(v["msg"]), bytearray(16)
        machine.call("hsp_poly1305", octets(v["key"]), message, len(message), tag)
        assert tag == octets(v["tag"])


def test_aead_of_boringssl(machine: Machine) -> None:
    """Sealing and opening agree with BoringSSL for texts and additional data of many lengths."""
    assert len(AEAD) > 60
    for key, nonce, ad, text, sealed, tag in AEAD:
        if len(tag) != 16:
            continue
        assert seal(machine, key, nonce, ad, text) == sealed + tag
        buffer = bytearray(sealed)
        assert machine.call("hsp_aead_open", key, nonce, ad, len(ad), buffer, len(buffer), tag) == 0
        assert buffer == text


@pytest.mark.parametrize("v", OPENSSL, ids=[v["count"] for v in OPENSSL])
def test_aead_of_openssl(machine: Machine, v: dict[str, str]) -> None:
    """RFC 8439 appendix A.5 opens, and OpenSSL's altered copies of it do not and leave the text as it was."""
    buffer, sealed = bytearray(octets(v["ciphertext"])), octets(v["ciphertext"])
    ad, iv = octets(v["aad"]), octets(v["iv"])
    code = machine.call("hsp_aead_open", octets(v["key"]), iv, ad, len(ad), buffer, len(buffer), octets(v["tag"]))
    opened = bytes(buffer)
    if seal(machine, octets(v["key"]), iv, ad, octets(v["plaintext"])) == sealed + octets(v["tag"]):
        assert (code, opened) == (0, octets(v["plaintext"]))
    else:
        assert (code, opened) == (errors().HSP_E_FORGED, sealed)


texts = st.binary(max_size=260)


@given(key=st.binary(min_size=32, max_size=32), nonce=st.binary(min_size=12, max_size=12), ad=texts, text=texts)
def test_aead_is_that_of_cryptography(key: bytes, nonce: bytes, ad: bytes, text: bytes) -> None:
    """What the core seals, OpenSSL through `cryptography` seals to the same bytes."""
    assert seal(Host(), key, nonce, ad, text) == ChaCha20Poly1305(key).encrypt(nonce, text, ad)


@given(text=st.binary(min_size=1, max_size=100), data=st.data())
def test_any_changed_bit_is_forged(text: bytes, data: st.DataObject) -> None:
    """One changed bit of text, tag or additional data is noticed, and nothing is decrypted."""
    key, nonce, ad = bytes(range(32)), bytes(12), b"additional"
    whole = bytearray(ad + ChaCha20Poly1305(key).encrypt(nonce, text, ad))
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    ad, sealed, tag = bytes(whole[: len(ad)]), bytearray(whole[len(ad) : -16]), bytes(whole[-16:])
    before = bytes(sealed)
    code = Host().call("hsp_aead_open", key, nonce, ad, len(ad), sealed, len(sealed), tag)
    assert (code, bytes(sealed)) == (errors().HSP_E_FORGED, before)
