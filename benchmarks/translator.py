"""Translator: a phrase translated in the browser, and a whole summary in Python.

In the browser: headless Chromium loads the engine and the packs from a server of this process, and translates the
phrases of the default record from English to Portuguese. The peer is the same engine behind HTTP: the same page asks
that server, on loopback and over a kept connection, which translates with the Python host. A real network would be
slower, so the peer is flattered. Both give the same answers, which is checked.

In Python: 40 entries of the default record, everything that is displayed of them, engine and packs loaded anew each
time, beside one call for each of their texts with an engine that stands ready. How well it translates is not measured.
"""

import asyncio
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from msgspec.structs import replace

from benchmarks.measures import MS, Measure, at_most, not_measured, spread, timed
from hospes.core.summary import Section, Summary, read
from hospes.translator_wasm import Language, Translator
from hospes.translator_wasm.commands import as_json
from hospes.translator_wasm.summary import translate_summary
from tests.simulators import devtools

ROOT: Final = Path(__file__).resolve().parents[1]
PART: Final = files("hospes.translator_wasm")
PACKS: Final = ("en.bin", "pt.bin")
ISOLATED: Final = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
"""Without these the clock of a page has steps of 100 microseconds."""
COUNT: Final = 2_000
PEER_COUNT: Final = 500
WARM: Final = 200
SUMMARY_COUNT: Final = 100
SUMMARY_WARM: Final = 3
ENTRIES: Final = 40
PHRASE: Final = "a phrase translated in the browser, p50"
PHRASE_BAR_US: Final = 100.0


def measure(count: int | None = None) -> list[Measure]:
    """Return one object for each measure."""
    return [phrase(count), summary(count or SUMMARY_COUNT)]


def phrase(count: int | None) -> Measure:
    """Measure a phrase in the browser, and the same behind HTTP."""
    chromium = devtools.find_chromium()
    if chromium is None:
        print("a phrase in the browser: Chromium is not installed")
        return not_measured(PHRASE, "us", PHRASE_BAR_US, "Chromium is not installed")
    in_page, over_http = asyncio.run(_in_browser(chromium, count or COUNT, count or PEER_COUNT))
    own, peer = spread(in_page), spread(over_http)
    print(f"a phrase in the browser: us, {own} (each the mean of ten calls)")
    print(f"  the same engine behind HTTP on loopback: us, {peer}")
    return at_most(PHRASE, own.p50, "us", PHRASE_BAR_US, ("the same engine behind HTTP, on loopback", peer.p50))


async def _in_browser(chromium: str, count: int, peer_count: int) -> tuple[list[float], list[float]]:
    runner = web.AppRunner(_application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with devtools.browser(chromium) as page:
            await page.open("http://{}:{}/".format(*runner.addresses[0][:2]))
            await page.until("window.ready")
            different = await page.run("differing()")
            if different:
                raise AssertionError(f"page and server disagree about {different}")
            await page.run(f"inPage({min(count, WARM)}).length")
            in_page: list[float] = await page.run(f"inPage({count})")
            await page.run(f"overHttp({min(peer_count, WARM)}).then((taken) => taken.length)")
            return in_page, await page.run(f"overHttp({peer_count})")
    finally:
        await runner.cleanup()


def _application() -> web.Application:
    """Return the page, its engine and packs, and the same engine behind HTTP."""
    translator, texts = Translator(Language.EN, Language.PT), phrases(default_record())
    contents: dict[str, tuple[str, bytes]] = {
        "/": ("text/html", Path(__file__).with_suffix(".html").read_bytes()),
        "/translator.js": ("text/javascript", (ROOT / "translator_wasm" / "web" / "translator.js").read_bytes()),
        "/translator.wasm": ("application/wasm", (PART / "translator.wasm").read_bytes()),
    }
    contents |= {f"/packs/{name}": ("application/octet-stream", (PART / "packs" / name).read_bytes()) for name in PACKS}

    async def content(request: web.Request) -> web.Response:
        kind, body = contents[request.path]
        return web.Response(body=body, content_type=kind, headers=ISOLATED)

    async def asked(_: web.Request) -> web.Response:
        return web.json_response(texts)

    async def translated(request: web.Request) -> web.Response:
        found: dict[str, Any] = as_json(translator.translate(await request.text()))
        return web.json_response(found)

    app = web.Application()
    app.router.add_get("/texts", asked)
    app.router.add_post("/translate", translated)
    for path in contents:
        app.router.add_get(path, content)
    return app


def default_record() -> Summary:
    """Return the record that the demonstration deposits."""
    return read((files("hospes.app") / "records" / "traveller.json").read_bytes())


def phrases(record: Summary) -> list[str]:
    """Return what its entries say, each once."""
    return list(dict.fromkeys(fact.text for section in record.sections for fact in section.facts if fact.text))


def cut(record: Summary, entries: int) -> Summary:
    """Return a summary with the first so many entries, all different."""
    sections: list[Section] = []
    for section in record.sections:
        facts = section.facts[:entries]
        entries -= len(facts)
        sections.append(replace(section, facts=facts))
    if entries:
        raise AssertionError(f"the record lacks {entries} entries")
    return replace(record, sections=tuple(sections))


def summary(count: int) -> Measure:
    """Measure a summary of 40 entries, and the same texts one call each."""
    record, ready = cut(default_record(), ENTRIES), Translator(Language.EN, Language.PT)
    facts = [fact for section in record.sections for fact in section.facts]
    texts = [
        text
        for fact in facts
        for text in (fact.text, fact.status, fact.date, *(detail.text for detail in fact.details))
        if text
    ]
    own = spread(timed(lambda: translate_summary(record, Language.PT), count, SUMMARY_WARM, MS))
    peer = spread(timed(lambda: [ready.translate(text) for text in texts], count, SUMMARY_WARM, MS))
    print(f"a summary of {len(facts)} entries to Portuguese: ms, {own}")
    print(f"  its {len(texts)} texts, one call each: ms, {peer}")
    what = f"summary of {len(facts)} entries to Portuguese, in Python, p50"
    return at_most(what, own.p50, "ms", 20.0, ("its texts, one call each, engine ready", peer.p50))
