"""Narrative: the XHTML of a section or resource as blocks of plain text, and plain text as XHTML again.

It does not render: tags are boundaries, attributes are dropped, nothing is fetched or executed. Every input is read in
time linear in its length, well formed or not.

Source: FHIR R4, section 2.4 (narrative).
"""

import html
import re
from collections.abc import Iterable
from typing import Final

_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:]*)?[^<>]*>")
_HIDDEN: Final = re.compile(r"<(script|style)\b[^<>]*>[^<]*", re.IGNORECASE)
_CELLS: Final = frozenset({"td", "th"})
_INLINE: Final = frozenset(
    {"a", "abbr", "b", "big", "cite", "code", "em", "font", "i", "small", "span", "strong", "sub"}
)
_BLOCK, _CELL = "\x1e", "\x1f"
_JOINERS: Final = frozenset("\u200c\u200d")
"""Invisible, and part of the spelling in Persian and the scripts of India."""
_SENTENCE_END: Final = re.compile(r"\s\|\s|(?<=[.;!?])\s+|。\s*")


def blocks(div: str) -> tuple[str, ...]:
    """Return the text of a narrative: one string for each paragraph, list item or table row; cells parted by a bar."""
    marked = _TAG.sub(_boundary, _HIDDEN.sub(" ", div.replace(_BLOCK, " ").replace(_CELL, " ")))
    rows = (html.unescape(row).split(_CELL) for row in marked.split(_BLOCK))
    lines = (" | ".join(filter(None, (clean(cell) for cell in row))) for row in rows)
    return tuple(line for line in lines if line)


def sentences(block: str) -> list[str]:
    """Return the sentences or table cells of a block."""
    return [part for part in _SENTENCE_END.split(block) if part]


def clean(text: str) -> str:
    """Return text on one line, without control and formatting characters that could steer a terminal or hide words."""
    line = " ".join(text.split())
    if line.isprintable():
        return line
    return " ".join("".join(filter(_is_shown, line)).split())


def _is_shown(letter: str) -> bool:
    return letter.isprintable() or letter in _JOINERS


def to_xhtml(lines: Iterable[str], closing: str = "") -> str:
    """Return a narrative with one list item for each line, and a closing paragraph if there is one."""
    listed = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    body = (f"<ul>{listed}</ul>" if listed else "") + (f"<p>{html.escape(closing)}</p>" if closing else "")
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'


def _boundary(tag: "re.Match[str]") -> str:
    name = (tag[2] or "").lower()
    if name in _CELLS:
        return _CELL if tag[1] else " "
    return "" if name in _INLINE else _BLOCK
