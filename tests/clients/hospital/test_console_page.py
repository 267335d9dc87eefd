"""The console in a real browser: what somebody at night sees, presses and hears, and that nothing is in their way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hospes.service.http import Server
from tests.simulators.alerts import an_alert_box, sealed
from tests.simulators.clinic import Place
from tests.simulators.desks import CLERKS_TOKEN, DOCTOR, DOCTORS_TOKEN, Counter, Told, open_counter
from tests.simulators.devtools import Page, browser, find_chromium
from tests.simulators.traveller import Traveller

ROOT = Path(__file__).parents[3]
BUNDLE = (ROOT / "app/src/hospes/app/records/traveller.json").read_bytes()
AXE = ROOT / "clients/pages/node_modules/axe-core/axe.min.js"
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
CHROMIUM = find_chromium()

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture
def counter(place: Place, tmp_path: Path) -> Iterator[Counter]:
    """A gateway whose chain says nothing of alerts until a test does."""
    hospital = place.hospital()
    opened = open_counter(place, tmp_path / "gateway", hospital)
    opened.app.state.told = Told()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hospital.chain, "alert", opened.app.state.told.alert)
        yield opened
    opened.desk.close()


async def _traveller(place: Place) -> Traveller:
    traveller = Traveller(place.town)
    await traveller.deposit(BUNDLE, "emergency-summary", "application/fhir+json")
    await traveller.consent(traveller.emergency_grant())
    return traveller


async def _require_accessible(page: Page) -> None:
    """Let axe-core look, where the pages' packages are installed."""
    if AXE.exists():
        await page.run(AXE.read_text(encoding="utf-8"))
        look = f"axe.run(document, {{runOnly: {RULES}}})"
        found = await page.run(f"{look}.then((all) => all.violations.map((one) => one.id))")
        assert found == []


def test_from_an_alert_to_the_record_in_portuguese(place: Place, counter: Counter) -> None:
    """It appears by itself, opens by two actions, stands beside the original, and every screen says demonstration."""
    traveller = place.run(_traveller(place))
    box = an_alert_box(traveller.card, now=counter.desk.now())
    request = sealed(box, place.town.world.genesis.domain, place.town.world["hospital-evora"])

    async def watch() -> list[str]:
        server = Server(counter.app)
        await server.start()
        try:
            async with browser(CHROMIUM or "") as page:
                await page.open(f"{server.url}/console/#{DOCTORS_TOKEN}")
                await page.until_text("No alerts.")
                assert await page.run("location.hash") == ""
                await counter.desk.receive(request)
                await page.until_text("not confirmed by the chain")
                await _require_accessible(page)
                await page.press("Critical: irregular rhythm")
                await page.until_text("38.57143° N, 7.90950° W")
                await page.until_text("battery 64 %")
                await page.until_text("heart rate: from 96 to 132 per minute in 9 min")
                assert "Acknowledge:" not in await page.run("document.body.innerText")
                await _break_glass(page)
                await _require_accessible(page)
                for name in ("Cards and grants", "What we asked for"):
                    await page.press(name)
                    await page.until_text("demonstration: this network is not for real patients")
                await page.until_text("BREAK-GLASS: Unconscious, cannot be asked")
                await _require_accessible(page)
                await page.press("Sign out")
                await page.until_text("Your token")
                await page.until_text("demonstration: this network is not for real patients")
                assert await page.run("sessionStorage.length") == 0
                await _require_accessible(page)
                return page.complaints
        finally:
            await server.stop()

    assert place.run(watch()) == []


async def _break_glass(page: Page) -> None:
    """Press, look that nothing happened yet, leave by Escape, press again, confirm by keyboard alone."""
    await page.press("Break the glass (1 of 2)")
    await page.until_text(f"You are {DOCTOR} of hospital-evora")
    await page.until("document.activeElement.textContent === 'Confirm who and why'")
    await page.key("Escape", 27)
    await page.press("Break the glass (1 of 2)")
    second = "[...document.querySelectorAll('button')].find((one) => /2 of 2/.test(one.textContent))"
    await page.until(f"{second}?.disabled")
    await page.press("Unconscious")
    await page.run(
        "(() => { const choice = document.querySelector('#glass-language'); choice.value = 'pt';"
        "choice.dispatchEvent(new Event('change', {bubbles: true})); })()"
    )
    await page.run(f"{second}.focus()")
    await page.key("Enter", 13)
    await page.until_text("Alergia à penicilina")
    await page.until_text("Allergy to penicillin")
    await page.until_text("1987-06")
    await page.until_text("Dr Eero Salmivirta")
    await page.until_text("Not checked by a clinician.")
    await page.until("document.querySelectorAll('td mark').length > 0")
    await page.until_text("demonstration: this network is not for real patients")


def test_who_may_not_and_what_fails_is_said(place: Place, counter: Counter) -> None:
    """A wrong token, a token that breaks no glass, and a gateway that is gone: each in words, none a blank page."""
    card = Traveller(place.town).card
    counter.desk.patients.add_card(card.encode(), 1)

    async def watch() -> None:
        server = Server(counter.app)
        await server.start()
        async with browser(CHROMIUM or "") as page:
            await page.open(f"{server.url}/console/#{'nobody-has-this-one' * 3}")
            await page.until_text("nobody here has this one")
            await page.run("document.querySelector('#token').focus()")
            await page.type(CLERKS_TOKEN)
            await page.key("Enter", 13)
            await page.press("Cards and grants")
            await page.press(f"0x{card.journey.hex()[:6]}")
            await page.until_text("Your token does not allow you to break the glass.")
            await page.press("Read the summary, for treatment")
            await page.until_text("nobody can tell which")
            await _require_accessible(page)
            await server.stop()
            await page.until_text("Not live: trying to reach the gateway again")
            await page.press("Read the summary, for treatment")
            await page.until_text("This hospital's gateway does not answer.")

    place.run(watch())


def test_a_hostile_link_does_nothing(place: Place, counter: Counter) -> None:
    """Script, markup or a path behind the ``#`` is no token: the door stands, and nothing of it is shown or kept."""

    async def watch() -> None:
        server = Server(counter.app)
        await server.start()
        try:
            async with browser(CHROMIUM or "") as page:
                for hostile in (
                    "<img src=x onerror=alert(1)>",
                    "javascript:alert(1)",
                    "../../fhir/metadata",
                    "%00" * 20,
                ):
                    await page.open(f"{server.url}/console/#{hostile}")
                    await page.until_text("Your token")
                    assert await page.run("sessionStorage.length") == 0
                    assert await page.run("location.hash") == ""
                await page.run("sessionStorage.setItem('hospes-token', 'damaged\\n\\u00e9')")
                await page.run("localStorage.setItem('hospes-language', '<b>')")
                await page.run("location.reload()")
                await page.until_text("Your token")
        finally:
            await server.stop()

    place.run(watch())
