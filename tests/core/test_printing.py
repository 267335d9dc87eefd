"""Text of strangers on a terminal: it is shown, and does nothing."""

from hypothesis import given, strategies as st

from hospes.core.printing import printable


@given(st.text(st.characters()), st.integers(0, 50))
def test_shown_text_commands_nothing(text: str, limit: int) -> None:
    """Whatever comes, what is shown is printable, encodable and no longer than allowed."""
    shown = printable(text, limit)
    assert shown.isprintable()
    assert len(shown.encode().decode()) == min(len(text), limit)


def test_ordinary_text_is_left_alone() -> None:
    """Letters of any script stay, controls and half surrogates become spaces."""
    assert printable("Évora, Ωmega") == "Évora, Ωmega"
    assert printable("a\x1b]0;b\x07\u202ec\ud800\x9b") == "a ]0;b  c  "
