"""Layout: text broken into lines of a terminal's width, counting the cells that its letters take.

Source: Unicode Standard Annex 11 (wide and full-width letters take two cells); combining marks take none.
"""

import unicodedata
from collections.abc import Iterator


def cells(text: str) -> int:
    """Return how many terminal cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def wrap(text: str, width: int, indent: str = "", hanging: str = "") -> list[str]:
    """Break text between words, inside of a word only where it is wider than a line.

    Parameters
    ----------
    text : str
        One line of words.
    width : int
        Cells of a line, indent included.
    indent, hanging : str
        What the first line, and each further one, begins with.
    """
    lines: list[str] = []
    line, taken = indent, cells(indent)
    room = max(width - cells(hanging), 1)
    for piece in (piece for word in text.split() for piece in _pieces(word, room)):
        begun = line.strip() != indent.strip() or bool(line[len(indent) :])
        if begun and taken + 1 + cells(piece) > width:
            lines.append(line)
            line, taken, begun = hanging, cells(hanging), False
            indent = hanging
        line += f" {piece}" if begun else piece
        taken += cells(piece) + begun
    return [*lines, line]


def _pieces(word: str, room: int) -> Iterator[str]:
    """Yield a word in pieces that fit into a line."""
    piece, taken = "", 0
    for letter in word:
        wide = _cells(letter)
        if piece and taken + wide > room:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + letter, taken + wide
    yield piece


def _cells(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in {"W", "F"} else 1
