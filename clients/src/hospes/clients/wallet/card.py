"""The card on paper and on the screen: a QR code and the same text, for somebody who may not be able to speak.

It holds what the card must say and nothing of the person: no name, no illness. Whoever finds it can tell a hospital
whose journey it is, and a hospital can then ask the keepers; nobody can read anything with the card alone.

Sources: PROTOCOL section 1 ("Card"); ISO/IEC 18004 (QR code; error correction Q restores a quarter of it, for a card
that is folded, wet or scratched).
"""

import html
import io
from typing import Final

import segno

from hospes.core.cards import Card
from hospes.core.chain import DEMONSTRATION_CHAIN_ID
from hospes.core.errors import TooLargeError

_CORRECTION: Final = "q"
_GROUPS_A_LINE: Final = 5
MAX_QR_BYTES: Final = 2953
"""Of version 40 with the least correction, in byte mode (ISO/IEC 18004, table 7)."""
_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Hospes card</title>
<style>
@page {{ margin: 15mm; }}
body {{ max-width: 40rem; margin: 0 auto; padding: 1rem; color: #000; background: #fff;
  font: 1.4rem/1.4 "Atkinson Hyperlegible", Verdana, Arial, sans-serif; }}
h1 {{ font-size: 2.4rem; margin: 0 0 .5rem; }}
.demonstration {{ border: .2rem solid #000; padding: .5rem; font-weight: bold; }}
figure {{ margin: 1rem 0; text-align: center; break-inside: avoid; }}
svg {{ width: 100%; max-width: 24rem; height: auto; }}
.text {{ font: bold 1.5rem/1.8 "DejaVu Sans Mono", Consolas, monospace; white-space: pre-line; break-inside: avoid; }}
code {{ display: block; font: 1rem/1.5 "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }}
ol, ul {{ padding-left: 1.6rem; }}
li {{ margin-bottom: .5rem; }}
</style>
</head>
<body>
<h1>In an emergency</h1>
{demonstration}<p>The person who carries this card may have a medical summary that you can open.</p>
<figure>{qr}</figure>
<p class="text">{text}</p>
<h2>For the hospital</h2>
<ol>
<li>Call the engineer who looks after your hospital's computers and show this page: the engineer can open it.</li>
<li>For the engineer, on the computer that holds your hospital's Hospes keys:
<code>hospes hospital break-glass --practitioner "NAME OF WHO ASKS" --card "{line}"</code></li>
<li>The square holds the same letters. Upper or lower case and spaces do not matter.</li>
<li>Your hospital's name is written into the person's log before anything opens.</li>
</ol>
<h2>For you who carry it</h2>
<ul>
<li>Keep it where helpers look: with your identity card, or in your telephone's emergency information.</li>
<li>Nobody can read anything with the card alone: a hospital must ask, and its name stays in your log.</li>
<li>If you lose it, end your permissions (<b>hospes wallet end</b>) and begin a new journey with a new card.</li>
</ul>
</body>
</html>
"""
_DEMONSTRATION: Final = '<p class="demonstration">This is a demonstration. It helps nobody in a real emergency.</p>\n'


def card_lines(card: Card) -> tuple[str, ...]:
    """Return the text of the card, a few groups a line."""
    groups = card.encode().split(" ")
    lines = (groups[i : i + _GROUPS_A_LINE] for i in range(0, len(groups), _GROUPS_A_LINE))
    return tuple(" ".join(line) for line in lines)


def qr_in_terminal(text: str, correction: str = "l") -> str:
    """Return a text as a QR code of half blocks, for a terminal with a light or a dark background.

    Raises
    ------
    TooLargeError
        When it does not fit into any QR code.
    """
    drawn = io.StringIO()
    try:
        segno.make_qr(text, error=correction).terminal(drawn, compact=True)
    except segno.DataOverflowError as error:
        raise TooLargeError("QR code", len(text), MAX_QR_BYTES) from error
    return drawn.getvalue()


def card_in_terminal(card: Card) -> str:
    """Return the code of the card, as lines of half blocks."""
    return qr_in_terminal(card.encode(), _CORRECTION)


def card_page(card: Card) -> str:
    """Return one printable HTML page that needs nothing else: the code drawn in it, in large type."""
    drawing = io.BytesIO()
    segno.make_qr(card.encode(), error=_CORRECTION).save(
        drawing,
        kind="svg",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        title="Code of the card",
        scale=8,
        omitsize=True,
    )
    text = html.escape("\n".join(card_lines(card)))
    demonstration = _DEMONSTRATION if card.chain_id == DEMONSTRATION_CHAIN_ID else ""
    return _PAGE.format(
        qr=drawing.getvalue().decode(), text=text, line=html.escape(card.encode()), demonstration=demonstration
    )
