"""The card: what is printed is what a hospital types or scans, and the page needs nothing but paper."""

import io
import re
from html.parser import HTMLParser

import pytest
import segno

from hospes.clients.wallet.card import card_in_terminal, card_lines, card_page, qr_in_terminal
from hospes.clients.wallet.screens import card_screen
from hospes.core.cards import Card
from hospes.core.chain import DEMONSTRATION_CHAIN_ID
from hospes.core.errors import TooLargeError
from hospes.core.identities import Address

CARD = Card(1 << 40, Address(b"j" * 20), b"g" * 16)
DEMONSTRATION = Card(DEMONSTRATION_CHAIN_ID, Address(b"j" * 20), b"g" * 16)


class _Page(HTMLParser):
    """Collects what a reader and a browser make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data


def test_the_printed_lines_are_the_card() -> None:
    """Typed from the paper, line by line, the card is read back."""
    assert Card.decode("\n".join(card_lines(CARD))) == CARD


def test_the_page_holds_the_text_and_the_code() -> None:
    """The page's text has the card, and its drawing is the QR code of the same text."""
    page = card_page(CARD)
    assert all(line in _Page(page).text for line in card_lines(CARD))
    drawing = io.BytesIO()
    segno.make_qr(CARD.encode(), error="q").save(drawing, kind="svg", xmldecl=False)
    (path,) = re.findall(r' d="([^"]+)"', drawing.getvalue().decode())
    assert path in page


def test_the_page_needs_nothing_else() -> None:
    """No script, no image, no address of anything to load."""
    page = _Page(card_page(CARD))
    assert {"script", "img", "link", "iframe"}.isdisjoint(page.tags)
    assert [name for name, _ in page.attributes if name in ("src", "href")] == []
    assert "@import" not in card_page(CARD)
    assert "url(" not in card_page(CARD)


def test_the_page_is_marked_for_what_it_is() -> None:
    """A demonstration card says so first; another does not."""
    assert "This is a demonstration" in _Page(card_page(DEMONSTRATION)).text
    assert "This is a demonstration" not in _Page(card_page(CARD)).text


def test_the_page_tells_a_hospital_what_to_do_now() -> None:
    """The command stands there with the card in it, and in words for staff that their engineer can give it."""
    text = _Page(card_page(CARD)).text
    (given,) = re.findall(r'hospes hospital break-glass --practitioner "[^"]+" --card "([^"]+)"', text)
    assert Card.decode(given) == CARD
    assert "Call the engineer" in text


def test_a_terminal_too_narrow_for_the_code_gets_the_text() -> None:
    """Half a code is of no use: it is said so, and every line of the text fits."""
    width = max(len(line) for line in card_in_terminal(CARD).splitlines())
    wide, narrow = (list(card_screen(CARD, None, columns)) for columns in (width, width - 1))
    assert card_in_terminal(CARD).splitlines()[3] in wide
    assert not any("█" in line for line in narrow)
    assert any(f"needs {width} columns" in line for line in narrow)
    for line in card_lines(CARD):
        assert f"  {line}" in narrow


def test_the_page_can_be_read_aloud() -> None:
    """Language, title and the name of the drawing are there for a screen reader."""
    page = _Page(card_page(CARD))
    assert ("lang", "en") in page.attributes
    assert "Code of the card" in page.text


def test_the_terminal_shows_the_same_code() -> None:
    """What the terminal draws is the code of the card's own text."""
    drawn = io.StringIO()
    segno.make_qr(CARD.encode(), error="q").terminal(drawn, compact=True)
    assert card_in_terminal(CARD) == drawn.getvalue()


def test_a_text_that_fits_no_code_is_refused() -> None:
    """A grant with too many siblings for a QR code is a typed error."""
    with pytest.raises(TooLargeError):
        qr_in_terminal("x" * 3000)
