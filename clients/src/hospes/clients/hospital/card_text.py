"""Where the text of a card comes from: the command line, standard input, or whoever sits at the keyboard.

The text holds the gate secret. What stands on a command line can be seen by every user of the machine while the command
runs, and the shell keeps it afterwards; so it can also come in without either. It judges no text: `Card` does.

Sources: proc(5), ``/proc/PID/cmdline``.
"""

from collections.abc import Callable
from typing import Final, TextIO

import click

from hospes.core.cards import Card
from hospes.core.errors import MalformedError

STDIN: Final = "-"
MAX_CHARACTERS: Final = 1 << 12
"""A card has 98 with its spaces; the rest is white space of whoever hands it over."""
HELP: Final = (
    "The text on the card, or in its QR code; - reads it from standard input. It is a secret: on a command line other "
    "users of this machine can see it, and the shell keeps it."
)


def given_card(text: str, stdin: TextIO) -> Card:
    """Return the card of an option's value, which may be `STDIN`.

    Raises
    ------
    MalformedError
        When it is no card.
    """
    return Card.decode(_read(lambda: stdin.read(MAX_CHARACTERS)) if text == STDIN else text)


def asked_card(stdin: TextIO) -> Card:
    """Ask for the card on standard error, line by line as it is printed, until it is whole.

    Raises
    ------
    click.UsageError
        When nobody sits there.
    MalformedError
        When what was typed is no card.
    """
    if not stdin.isatty():
        raise click.UsageError(
            "Missing option '--card': give the text on the card, or - to read it from standard input"
        )
    click.echo("The text on the card, then an empty line: ", err=True, nl=False)
    typed = ""
    while line := _read(lambda: stdin.readline(MAX_CHARACTERS)).strip():
        typed += line
        try:
            return Card.decode(typed)
        except MalformedError:
            continue
    return Card.decode(typed)


def _read(read: Callable[[], str]) -> str:
    try:
        return read()
    except UnicodeDecodeError as error:
        raise MalformedError("card", "", "a character does not belong to a card") from error
