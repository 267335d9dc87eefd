"""A traveller in front of the wallet's page: a real browser, driven by what stands on the screen.

Expressions are evaluated by the browser's debugger, since the page's own policy forbids to make scripts of texts.
"""

import shutil
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

import pytest

pytest.importorskip("playwright.sync_api", reason="needs playwright")
from playwright.sync_api import Browser, ConsoleMessage, sync_playwright

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "clients" / "pages" / "node_modules" / "axe-core" / "axe.min.js"
RECORD: Final = ROOT / "app" / "src" / "hospes" / "app" / "records" / "traveller.json"
PASSPHRASE: Final = "a passphrase of words"  # noqa: S105 - of wallets that last as long as a test
PATIENCE_S: Final = 60.0
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")


@contextmanager
def chromium() -> Generator[Browser]:
    """Start Chromium without a window, until the end of the block."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Screen:
    """One window.

    Attributes
    ----------
    page : playwright Page
    complaints : list of str
        What the page's own policy blocked, and errors that nobody handled.
    """

    def __init__(self, browser: Browser, url: str, language: str = "en-GB", width: int = 1280) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, locale=language)
        self.page = self.context.new_page()
        self.url = url
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto(url)
        self.page.wait_for_selector("h1")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def go(self, route: str) -> None:
        """Go to a screen by its address."""
        self.page.evaluate(f"location.hash = '#/{route}'")

    def press(self, name: str) -> None:
        """Press the button of that name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def heading(self, text: str) -> None:
        """Wait for a screen."""
        self.until(lambda: self.page.inner_text("h1") == text, f"the screen {text!r}")

    def says(self, text: str, seconds: float = PATIENCE_S) -> float:
        """Wait until the page shows a text; return how long it took."""
        begun = time.monotonic()
        self.until(lambda: text in self.page.inner_text("body"), f"the text {text!r}", seconds)
        return time.monotonic() - begun

    def until(self, holds: Callable[[], bool], what: str, seconds: float = PATIENCE_S) -> None:
        """Wait for something, or fail with all that the page shows."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"waited for {what}, and the page shows:\n{self.page.inner_text('body')}"
            time.sleep(0.02)

    def accessible(self) -> None:
        """Check the screen as it stands with axe, and that no type on it is small."""
        if not AXE.exists():
            pytest.skip("needs axe-core (npm packages of clients/pages)")
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(f"axe.run(document, {{ runOnly: {list(RULES)} }})")
        told = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]
        assert told == [], f"on {self.page.inner_text('h1')}"
        texts = "[...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim())"
        shown = f"[...document.querySelectorAll('#page *')].filter((e) => e.checkVisibility() && {texts})"
        sizes = f"{shown}.map((e) => parseFloat(getComputedStyle(e).fontSize))"
        assert min(self.page.evaluate(sizes)) >= 20
        assert self.page.locator(".buttons:visible .primary:visible").count() <= 2
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def close(self) -> None:
        """Close the window; nothing was blocked and no error went unhandled."""
        self.page.unroute_all(behavior="ignoreErrors")
        self.context.close()
        assert self.complaints == []


class Authenticator:
    """A device with passkeys that give secrets, unlocked by its owner; `exchange` puts another one in its place."""

    def __init__(self, screen: Screen) -> None:
        self._session = screen.context.new_cdp_session(screen.page)
        self._ask("WebAuthn.enable", {})
        self._id = self._add()

    def exchange(self) -> None:
        """Take the device away and use one that has no passkey yet."""
        self._ask("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})
        self._id = self._add()

    def _add(self) -> str:
        device: dict[str, object] = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasPrf": True,
        }
        device |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
        return str(self._ask("WebAuthn.addVirtualAuthenticator", {"options": device})["authenticatorId"])

    def _ask(self, method: str, parameters: dict[str, object]) -> dict[str, object]:
        return cast("dict[str, object]", self._session.send(method, parameters))  # pyright: ignore[reportUnknownMemberType]


def begin(screen: Screen, journey: str = "Badajoz") -> None:
    """Make a wallet with a passphrase and begin a journey."""
    screen.press("Begin with a passphrase")
    screen.heading("Choose a passphrase")
    screen.page.fill("#passphrase", PASSPHRASE)
    screen.page.fill("#again", PASSPHRASE)
    screen.press("Make the wallet")
    start_journey(screen, journey)


def start_journey(screen: Screen, journey: str) -> None:
    """Begin a journey, the wallet being open."""
    screen.heading("A new journey")
    screen.page.fill("#name", journey)
    screen.press("Begin the journey")
    screen.heading(f"Journey: {journey}")


def deposit(screen: Screen, record: Path = RECORD) -> None:
    """Deposit a record, for emergencies too."""
    screen.go("deposit")
    screen.heading("Deposit a record")
    screen.page.set_input_files("#file", str(record))
    screen.press("Deposit")


def consent(screen: Screen) -> None:
    """Give the emergency permission as it is offered."""
    screen.go("consent")
    screen.page.wait_for_selector("#until")
    screen.press("Show it to me in words")
    screen.heading("Please read what you allow")
    screen.press("I agree and sign")
    screen.says("The permission is given")


def card_of(screen: Screen) -> str:
    """Return the text of the card."""
    screen.go("card")
    screen.page.wait_for_selector(".card-text")
    return " ".join(screen.page.inner_text(".card-text").split())
