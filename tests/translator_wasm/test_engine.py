"""The engine: hostile packs, damaged packs and hostile batches are refused, and nothing worse happens."""

import struct
import threading

import pytest
from hypothesis import given, settings, strategies as st

from hospes.core.errors import MalformedError, TooLargeError
from hospes.translator_wasm import Language, PackError, Translator, UnknownLanguageError
from hospes.translator_wasm.building.packing import CHECKED_FROM, HEADER, fnv1a
from hospes.translator_wasm.engine import MAX_TEXT_BYTES, Engine, Flag
from hospes.translator_wasm.packs import concept_ids, pack_bytes

EN, PT = pack_bytes(Language.EN), pack_bytes(Language.PT)
PHRASES = [(text, Flag.NONE) for text in (b"No fever, severe chest pain since 9 June 2021", b"5 mg twice daily", b"x")]


def forged(pack: bytes, changes: dict[int, int]) -> bytes:
    """Return a pack with some bytes changed and its checksum set right again."""
    data = bytearray(pack)
    for place, value in changes.items():
        data[place % len(data)] = value
    data[20:24] = struct.pack("<I", fnv1a(bytes(data[CHECKED_FROM:])))
    return bytes(data)


def survives(source: bytes, target: bytes) -> None:
    """Open and use two packs: a refusal is as good as an answer, a trap or a crash is neither."""
    try:
        engine = Engine(source, target)
    except PackError as error:
        assert "stopped" not in str(error)  # noqa: PT017 - the refusal must come from the checks
        return
    try:
        engine.translate(PHRASES)
    except MalformedError:
        return


@settings(deadline=None, max_examples=20)
@given(st.dictionaries(st.integers(0, HEADER - 1), st.integers(0, 255), min_size=1, max_size=3))
def test_a_forged_header_cannot_hurt(changes: dict[int, int]) -> None:
    """Offsets and counts of any value are checked before anything is read."""
    survives(forged(EN, changes), PT)
    survives(EN, forged(PT, changes))


@settings(deadline=None, max_examples=20)
@given(st.dictionaries(st.integers(HEADER, len(EN) - 1), st.integers(0, 255), min_size=1, max_size=6))
def test_a_forged_body_cannot_hurt(changes: dict[int, int]) -> None:
    """Indices, lengths, kinds and forms of any value are checked, whatever the checksum says."""
    survives(forged(EN, changes), PT)
    survives(EN, forged(PT, changes))


@settings(deadline=None, max_examples=20)
@given(st.binary(max_size=400))
def test_bytes_that_are_no_pack_are_refused(data: bytes) -> None:
    """Noise is no pack."""
    with pytest.raises(PackError):
        Engine(data, PT)


@pytest.mark.parametrize("place", [0, 5, 19, 24, HEADER, len(EN) - 1])
def test_a_damaged_pack_is_refused(place: int) -> None:
    """One changed byte anywhere is found."""
    damaged = bytearray(EN)
    damaged[place] ^= 0x40
    with pytest.raises(PackError, match="damaged"):
        Engine(bytes(damaged), PT)


@pytest.mark.parametrize("length", [0, 20, HEADER, len(EN) - 4])
def test_a_cut_pack_is_refused(length: int) -> None:
    """A pack that was not written to its end is found."""
    with pytest.raises(PackError):
        Engine(EN[:length], PT)


def test_packs_of_two_editions_are_refused() -> None:
    """Numbers of concepts mean something only within one edition."""
    with pytest.raises(PackError, match="edition"):
        Engine(forged(EN, {8: EN[8] ^ 1}), PT)


def test_the_ids_of_a_forged_pack_cannot_hurt() -> None:
    """The host's own reading of a pack ends in a typed error, too."""
    with pytest.raises(PackError):
        concept_ids(b"HTRP" + bytes(60))
    with pytest.raises(PackError):
        concept_ids(EN[:200])


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    """Every text is answered, pieces join to the target, and spans lie in order within both texts."""
    found = Translator("en", "pt").translate(text)
    assert "".join(piece.text for piece in found.pieces) == found.target
    done = 0
    for span in found.spans:
        assert done <= span.target[0] <= span.target[1] <= len(found.target)
        assert 0 <= span.source[0] <= span.source[1] <= len(found.source)
        assert span.known or found.source[slice(*span.source)] == found.target[slice(*span.target)]
        done = span.target[1]


def test_the_same_text_has_the_same_answer_in_any_batch() -> None:
    """Nothing is carried from one text to the next."""
    translator = Translator("en", "de")
    texts = ["No fever", "Fever", "no", "5 mg", "", "xyzzy"]
    alone = [Translator("en", "de").translate(text) for text in texts]
    assert list(translator.translate_many(texts * 400)) == alone * 400


def test_a_text_at_the_bound_is_answered_and_one_above_it_refused() -> None:
    """The bound is 16,384 bytes; many words in one sentence, or marks alone, are no trouble."""
    translator = Translator("en", "fi")
    for text in ("no fever, " * 1_638, "fever " * 2_730, "-" * MAX_TEXT_BYTES, "1." * 8_192, "a" * MAX_TEXT_BYTES):
        assert translator.translate(text[:MAX_TEXT_BYTES]).target
    with pytest.raises(TooLargeError):
        translator.translate("é" * 8_193)


def test_half_a_surrogate_pair_is_no_text() -> None:
    """What cannot be UTF-8 is refused with its place, and without the text."""
    with pytest.raises(MalformedError, match="letter 2") as caught:
        Translator("en", "pt").translate("ab\ud800")
    assert "ab" not in str(caught.value).removeprefix("text to translate")


def test_a_language_without_a_pack_is_refused() -> None:
    """Tags are read by their first part; what is not a language of ours is refused and not guessed."""
    assert Translator("en-NZ", "pt-BR").target is Language.PT
    for tag in ("", "sv", "x\x1b[2J"):
        with pytest.raises(UnknownLanguageError) as caught:
            Translator("en", tag)
        assert "\x1b" not in str(caught.value)


def test_threads_may_share_a_translator() -> None:
    """Calls are put in a row; each thread gets its own answers."""
    translator = Translator("en", "pt")
    expected = {text: translator.translate(text).target for text in ("Fever", "Asthma", "Cough", "No known allergies")}
    wrong: list[str] = []

    def ask(text: str) -> None:
        wrong.extend(text for _ in range(50) if translator.translate(text).target != expected[text])

    threads = [threading.Thread(target=ask, args=(text,)) for text in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_codes_are_translated_exactly_or_not_at_all() -> None:
    """A code of ours gives its concept; another gives nothing."""
    translator = Translator("en", "fi")
    found = translator.translate_coding("http://snomed.info/sct", "49436004")
    assert found is not None
    assert (found.target, found.spans[0].concept) == ("eteisvärinä", "atrial-fibrillation")
    assert translator.translate_coding("http://snomed.info/sct", "1") is None
    assert translator.translate_coding("", "49436004") is None
