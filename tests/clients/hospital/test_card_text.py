"""The card's text on its way in: also where no process list and no shell history sees it."""

import io

import click
import pytest

from hospes.clients.hospital.card_text import asked_card, given_card
from hospes.core.cards import Card
from hospes.core.errors import MalformedError
from hospes.core.identities import Address

CARD = Card(0x486F73706573, Address(bytes(20)), bytes(range(16)))
TEXT = CARD.encode()


class Keyboard(io.StringIO):
    """Standard input where somebody sits and types."""

    def isatty(self) -> bool:
        """Say that it is a terminal."""
        return True


@pytest.mark.parametrize("typed", [TEXT, TEXT + "\n", TEXT.lower().replace(" ", "\n")])
def test_a_dash_reads_the_card_from_standard_input(typed: str) -> None:
    """Lines, spaces and case do not matter, as on the command line."""
    assert given_card("-", io.StringIO(typed)) == CARD
    assert given_card(TEXT, io.StringIO("something else")) == CARD


def test_standard_input_that_is_no_card_is_refused() -> None:
    """Nothing, too much, and bytes that are no text."""
    binary = io.TextIOWrapper(io.BytesIO(b"\xff\xfe"), "utf-8")
    for stdin in (io.StringIO(""), io.StringIO("A" * 100_000), binary):
        with pytest.raises(MalformedError, match="card is malformed"):
            given_card("-", stdin)


@pytest.mark.parametrize("lines", [1, 4, 25])
def test_at_a_terminal_the_card_is_typed_as_it_is_printed(lines: int, capsys: pytest.CaptureFixture[str]) -> None:
    """One line or several; it ends when the card is whole, so that nothing is read too much."""
    groups = TEXT.split(" ")
    size = -(-len(groups) // lines)
    typed = "".join(" ".join(groups[i : i + size]) + "\n" for i in range(0, len(groups), size))
    keyboard = Keyboard(typed + "what is typed next\n")
    assert asked_card(keyboard) == CARD
    assert keyboard.read() == "what is typed next\n"
    said = capsys.readouterr()
    assert said.out == ""
    assert "card" in said.err


def test_an_empty_line_ends_a_card_with_a_mistake() -> None:
    """A wrong character is told, not waited over."""
    with pytest.raises(MalformedError, match="the checksum does not fit"):
        asked_card(Keyboard(TEXT[:-1].replace("A", "B", 1) + TEXT[-1] + "\n\n"))


def test_where_nobody_sits_nothing_is_waited_for() -> None:
    """A script without --card is told both ways to give it."""
    with pytest.raises(click.UsageError, match=r"--card.*standard input"):
        asked_card(io.StringIO(TEXT))
