"""The demonstration: one real record through the chain, told step by step, with nothing simulated.

Each step calls the same libraries that the commands call; it prints what they returned and adds no rule of its own.
What is a demonstration about it: all members run in one process, and the embedded authority is trusted.
"""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from hospes.app.embedded import EmbeddedNetwork
from hospes.app.forgery import Forgery
from hospes.app.roster import HOSPITALS, KEEPERS, THRESHOLD
from hospes.app.telling import Telling
from hospes.clients.auditor.verify import verify
from hospes.clients.hospital.errors import NothingReleasedError, TooFewSharesError
from hospes.clients.hospital.hospital import Hospital, OpenedRecords
from hospes.clients.hospital.quorum import Answered, Asked, Refused
from hospes.clients.wallet.accesses import Fate, accesses
from hospes.clients.wallet.card import card_lines
from hospes.clients.wallet.consent import Given, Wish, draft, emergency_wish, give, withdraw
from hospes.clients.wallet.deposit import deposit
from hospes.clients.wallet.drafting import Document
from hospes.clients.wallet.pages import JourneyPage
from hospes.clients.wallet.secret import create_secret
from hospes.clients.wallet.sentences import Setting, moment, sentences
from hospes.clients.wallet.wallet import Wallet, WalletFiles, at_work
from hospes.core.audit import AuditBundle, Opening
from hospes.core.bodies import ShownGrant
from hospes.core.cards import Card
from hospes.core.chain import Entry, EntryKind
from hospes.core.identities import Address, Country, MemberId, to_hex
from hospes.core.messages import EMERGENCY, TREATMENT, Consent, RecordClass
from hospes.core.proof import Journal
from hospes.core.summary import Cut, Style, Summary, cut_emergency, read, render_text
from hospes.service.chain import ChainReader
from hospes.service.client import connection
from hospes.service.collect import collect
from hospes.service.membership import load_member
from hospes.service.sender import Sender

FHIR: Final = "application/fhir+json"
PASSPHRASE: Final = "demonstration"  # noqa: S105 - published: the wallet is a fictional traveller's
WALLET_FOLDER: Final = "wallet"
BUNDLE_FILE: Final = "audit-bundle.json"
DOCTOR: Final = "Dr. Inês Carvalho"
DAY_S: Final = 86_400
JOURNEY_DAYS: Final = 14
SHOWN_OF_HEADER: Final = 2
SHOWN_LINES: Final = 10
SHOWN_WIDTH: Final = 96
WITH_CONSENT, BREAKING_GLASS, WITHOUT = (place.id for place in HOSPITALS)


@dataclass(slots=True)
class Scene:
    """Everything that the steps share.

    Attributes
    ----------
    running : EmbeddedNetwork
    wallet : Wallet
    http : httpx.AsyncClient
    telling : Telling
    page : JourneyPage
        The journey, as the wallet has it.
    """

    running: EmbeddedNetwork
    wallet: Wallet
    http: httpx.AsyncClient
    telling: Telling
    page: JourneyPage

    @property
    def journey(self) -> Address:
        """The traveller's address."""
        return self.page.address

    def refresh(self) -> None:
        """Read the journey's page again."""
        self.page = self.wallet.journey(self.page.index)

    def hospital(self, name: MemberId, chain: ChainReader | None = None) -> Hospital:
        """Return a hospital at work, on its own view of the chain unless one is given."""
        network = self.running.network
        keys = load_member(network.member_file(name))
        reader = chain or ChainReader(self.wallet.reader.node, network.genesis)
        sender = Sender(reader.node, keys.account, network.genesis.chain_id)
        return Hospital(keys, reader, sender, self.http, network.stores, time.time, os.urandom)

    async def journal(self) -> Journal:
        """Return the journey's proven log."""
        return await self.wallet.reader.journal(self.journey, await self.wallet.reader.tip())


async def demonstrate(running: EmbeddedNetwork, ready_s: float, document: bytes, telling: Telling) -> None:
    """Tell the whole story on a network that runs.

    Parameters
    ----------
    running : EmbeddedNetwork
    ready_s : float
        How long its start took, seconds.
    document : bytes
        A patient summary (FHIR R4 document bundle).
    telling : Telling
    """
    tell_network(running, ready_s, telling)
    summary, cut = tell_record(document, telling)
    async with at_scene(running, telling) as scene:
        await tell_deposit(scene, summary, cut)
        consent = await tell_consents(scene)
        card = tell_card(scene)
        evidence = [await tell_reading(scene, consent)]
        evidence.append(await tell_break_glass(scene, card))
        await tell_forgery(scene, card)
        await tell_withdrawal(scene, consent)
        await tell_traveller(scene)
        await tell_auditor(scene, evidence)


@asynccontextmanager
async def at_scene(running: EmbeddedNetwork, telling: Telling) -> AsyncGenerator[Scene, None]:
    """Begin a journey, and give the scene of its story until the end of the block."""
    files = WalletFiles(running.network.directory / WALLET_FOLDER)
    with telling.chapter("A traveller, and a journey with a key of its own"):
        secret = create_secret(files.secret, PASSPHRASE, os.urandom)
        async with at_work(secret, files, running.network) as wallet, connection() as http:
            page = await wallet.new_journey("Portugal")
            telling.say("The chain will see this address and nothing else of her. A later journey gets another one.")
            telling.fact("journey", to_hex(page.address))
            scene = Scene(running, wallet, http, telling, page)
    async with at_work(secret, files, running.network) as wallet, connection() as http:
        scene.wallet, scene.http = wallet, http
        yield scene


def tell_network(running: EmbeddedNetwork, ready_s: float, telling: Telling) -> None:
    """Say who is there."""
    genesis = running.network.genesis
    with telling.chapter("A demonstration network"):
        telling.say(
            f"Demonstration: all of it runs in this one process, and the embedded authority that seals the blocks is "
            f"trusted. {len(KEEPERS)} keepers in {len({place.country for place in KEEPERS})} countries each hold one "
            f"share of a record's key; {THRESHOLD} are needed, and no country has {THRESHOLD}. A keeper releases its "
            f"share only against a final entry in the traveller's log: whoever reads leaves a mark."
        )
        telling.fact("chain id", f"{genesis.chain_id:#x}")
        telling.fact("genesis pin", to_hex(genesis.pin()))
        telling.fact("block 0", to_hex(genesis.block_hash))
        telling.fact("authority", to_hex(genesis.authority))
        telling.fact("ledger", f"{running.network.ledger_url}, all services ready after {ready_s:.2f} s")


def tell_record(document: bytes, telling: Telling) -> tuple[Summary, Cut]:
    """Read the summary and cut it for emergencies."""
    with telling.chapter("A patient summary, read and cut for emergencies"):
        summary = read(document)
        cut = cut_emergency(summary)
        telling.fact("read", f"{len(document):,} bytes, {summary.grade}, {len(summary.findings)} findings")
        telling.fact("emergency summary", f"{cut.carried} facts carried, {cut.left_out} left out")
        withheld = sum(section.withheld for section in cut.sections)
        left_out = (f"{section.left_out} {section.title}" for section in cut.sections if section.left_out)
        telling.fact("  left out", ", ".join(left_out) or "nothing")
        telling.fact("  withheld", f"{withheld} about mental health, which is a class of record of its own")
    return summary, cut


async def tell_deposit(scene: Scene, summary: Summary, cut: Cut) -> None:
    """Seal both records, hand the shares to the keepers, log the deposits."""
    telling = scene.telling
    documents = (
        Document(RecordClass.EMERGENCY_SUMMARY.label, FHIR, cut.data),
        Document(RecordClass.PATIENT_SUMMARY.label, FHIR, summary.data),
    )
    with telling.chapter("Sealed, stored, and the keys divided among the keepers"):
        outcome = await deposit(scene.wallet, scene.page, documents)
        journal = await scene.journal()
        for done in outcome.records:
            held = f"{len(done.keepers)} keepers hold a share, {done.threshold} are needed"
            tell_entry(scene, journal.entry(done.number), f"{done.what}: {held}")
        telling.say("The blocks lie sealed in the store. The store has no key, and no keeper has more than its share.")
    scene.refresh()


async def tell_consents(scene: Scene) -> Consent:
    """Show a consent as sentences, sign it, give a standing one for emergencies, and return the first."""
    telling, wallet = scene.telling, scene.wallet
    begin = wallet.now() - 60
    until = begin + JOURNEY_DAYS * DAY_S
    what = (RecordClass.EMERGENCY_SUMMARY.label, RecordClass.PATIENT_SUMMARY.label)
    countries = sorted({place.country for place in HOSPITALS})
    with telling.chapter("Consents: what she reads before she signs"):
        wish = Wish(f"member:{WITH_CONSENT}", what, (TREATMENT,), ("PT",), begin, until)
        consent = await draft(wallet, scene.page, [wish])
        standing = await draft(wallet, scene.page, [emergency_wish(countries, begin, until)])
        for line in in_sentences(scene, consent, standing=False):
            telling.say(line)
        telling.say("And one for emergencies, which the keepers hold for whoever has her card:")
        for line in in_sentences(scene, standing, standing=True)[:4]:
            telling.say(line)
        given = await _give_both(scene, consent, standing)
        journal = await scene.journal()
        for one, name in zip(given, ("consent given", "emergency consent given"), strict=True):
            tell_entry(scene, journal.entry(one.number), name)
    scene.refresh()
    return consent


async def _give_both(scene: Scene, consent: Consent, standing: Consent) -> tuple[Given, Given]:
    """Bring both to the chain at once: they do not depend on each other, so they share a block."""
    first = asyncio.create_task(give(scene.wallet, scene.page, consent, standing=False))
    second = await give(scene.wallet, scene.page, standing, standing=True)
    return await first, second


def tell_card(scene: Scene) -> str:
    """Print the card's text."""
    card = scene.page.card
    with scene.telling.chapter("The card in her purse"):
        scene.telling.say("Address and gate secret, as text and as QR code. Without it nobody can break the glass.")
        scene.telling.show(card_lines(card))
    return card.encode()


async def tell_reading(scene: Scene, consent: Consent) -> Asked:
    """Read with the consent in Portugal, and without one in France, at the same moment."""
    telling = scene.telling
    shown = [ShownGrant.of(consent, consent.grants[0])]
    what = (RecordClass.PATIENT_SUMMARY.label,)
    with telling.chapter(f"{WITH_CONSENT} reads with her consent, {WITHOUT} tries without"):
        reading = scene.hospital(WITH_CONSENT).read(scene.journey, what, TREATMENT, DOCTOR, shown)
        trying = _refused(scene.hospital(WITHOUT), scene.journey, shown, "Dr. Luc Moreau")
        opened, refused = await asyncio.gather(reading, trying)
        _tell_opened(scene, opened)
        telling.say(f"{WITHOUT} shows the same grant, which is not for it. Its request stands in her log all the same:")
        tell_entry(scene, refused.entry, f"access by {WITHOUT}")
        telling.fact("  answer", f"{len(refused.answers)} boxes of the same size as any other, empty")
    return opened.asked


async def _refused(hospital: Hospital, journey: Address, shown: list[ShownGrant], practitioner: str) -> Asked:
    try:
        await hospital.read(journey, (RecordClass.PATIENT_SUMMARY.label,), TREATMENT, practitioner, shown)
    except NothingReleasedError as error:
        return error.asked
    raise AssertionError(hospital.keys.id)  # a keeper released without a consent: nothing worse can happen here


async def tell_break_glass(scene: Scene, card: str) -> Asked:
    """Open the emergency summary with nothing but the card's text."""
    with scene.telling.chapter(f"Break-glass: {BREAKING_GLASS} finds her unconscious, with the card"):
        scene.telling.say("The card's text is all that it has. No consent is asked for now; she gave it before.")
        opened = await scene.hospital(BREAKING_GLASS).break_glass(Card.decode(card), "Dr. Carmen Ruiz")
        _tell_opened(scene, opened)
    return opened.asked


async def tell_forgery(scene: Scene, card: str) -> None:
    """Ask the keepers with an entry in a block that the authority never sealed."""
    telling, running = scene.telling, scene.running
    with telling.chapter("An access in a block that the authority never sealed"):
        telling.say(
            f"{BREAKING_GLASS} wants to read once more, and this time without a mark. It bribes the ledger nodes of "
            f"all {len(KEEPERS)} keepers: they now serve a copy of the chain that a stranger goes on sealing. The "
            f"entry stands in that copy, correct in every detail."
        )
        async with Forgery(running) as forgery:
            hospital = scene.hospital(BREAKING_GLASS, forgery.chain)
            try:
                await hospital.break_glass(Card.decode(card), "Dr. Carmen Ruiz")
            except TooFewSharesError as error:
                asked = error.asked
            else:
                raise AssertionError(forgery.chain.genesis.authority)  # never: a keeper believed a stranger's seal
            telling.fact("forged entry", f"{asked.entry.number}, {to_hex(asked.entry.entry_hash)}")
            telling.fact("forged block", f"{asked.entry.block}, {to_hex((await forgery.chain.tip()).hash)}")
            telling.fact("sealed by", f"{to_hex(forgery.stranger)}, not by {to_hex(running.network.genesis.authority)}")
        refusals = [outcome for outcome in asked.outcomes if isinstance(outcome, Refused)]
        telling.fact("shares released", len(asked.answers))
        telling.fact(f"{len(refusals)} keepers say", refusals[0].detail)
        telling.say(
            "A keeper trusts no node, not even its own: it checks the authority's seal against the pinned genesis "
            "itself, then proves the entry in that block. No seal, no entry; no entry, no share."
        )
        entries = len((await scene.journal()).entries)
        telling.fact("her log", f"{entries} entries, as before: the forged one is nowhere in it")


async def tell_withdrawal(scene: Scene, consent: Consent) -> None:
    """Withdraw the consent; the hospital that could read cannot any more."""
    telling = scene.telling
    with telling.chapter(f"She withdraws the consent, and {WITH_CONSENT} asks again"):
        number = next(n for n, page in enumerate(scene.page.consents, 1) if page.consent == consent)
        ended = await withdraw(scene.wallet, scene.page, scene.page.consent(number))
        tell_entry(scene, (await scene.journal()).of_kind(EntryKind.WITHDRAWN)[-1], "consent withdrawn")
        telling.fact("  told directly", f"{len(ended.told)} keepers, before the chain had it")
        shown = [ShownGrant.of(consent, consent.grants[0])]
        refused = await _refused(scene.hospital(WITH_CONSENT), scene.journey, shown, DOCTOR)
        tell_entry(scene, refused.entry, f"access by {WITH_CONSENT}")
        telling.fact("  answer", "nothing was released, and the answer does not say why")
    scene.refresh()


async def tell_traveller(scene: Scene) -> None:
    """Show the traveller who looked."""
    telling = scene.telling
    with telling.chapter("Who looked? The traveller asks the chain and the keepers"):
        seen = await accesses(scene.wallet, scene.page)
        for look in seen.looks:
            purpose = "BREAK-GLASS" if look.break_glass else f"for {look.why}"
            released = ", ".join(part.what for part in look.released) or "nothing"
            who = f"{look.practitioner}, {look.member} ({look.country})" if look.practitioner else look.member
            text = f"{look.fate}: {released}" if look.fate is Fate.OPENED else str(look.fate)
            telling.fact(f"entry {look.number}", f"{moment(look.time)}: {who}, {purpose}: {text}")
        telling.say("An access that no keeper was shown would stand here as unexplained, with the member's name.")


async def tell_auditor(scene: Scene, evidence: list[Asked]) -> None:
    """Bundle the proof and judge it without a network."""
    telling, running = scene.telling, scene.running
    genesis = running.network.genesis
    with telling.chapter("The auditor: one file, one verdict, no network"):
        openings = [Opening(access=asked.access) for asked in evidence]
        answers = [answer for asked in evidence for answer in asked.answers]
        bundle = (await collect(scene.wallet.reader, scene.journey, openings, answers)).encode()
        path = running.network.directory / BUNDLE_FILE
        path.write_bytes(bundle)
        verdict = verify(AuditBundle.decode(path.read_bytes()), genesis.pin())
        telling.fact("bundle", f"{path} ({len(bundle):,} bytes)")
        telling.fact("head", to_hex((await scene.journal()).head))
        final = await scene.wallet.reader.final(verdict.block)
        telling.fact("final block", f"{verdict.block}, {to_hex(final.hash)}")
        telling.fact("signed answers", f"{len(answers)}, each by a keeper in office, each for an entry of this log")
        telling.say(verdict.sentence)
        telling.say("It does not prove that nobody released a share without an entry: four keepers together could.")


def in_sentences(scene: Scene, consent: Consent, *, standing: bool) -> list[str]:
    """Return a consent in the words that she reads."""
    countries: dict[MemberId, Country] = {place.id: place.country for place in HOSPITALS}
    setting = Setting(scene.page.card.gate, countries, standing)
    paragraphs = sentences(consent, setting)
    return [line for paragraph in paragraphs for line in (paragraph.title, *paragraph.sentences)]


def _tell_opened(scene: Scene, opened: OpenedRecords) -> None:
    telling, asked = scene.telling, opened.asked
    purpose = EMERGENCY if asked.access.break_glass else asked.access.why
    tell_entry(scene, asked.entry, f"access by {asked.access.member}, {purpose}")
    released = sum(1 for one in asked.outcomes if isinstance(one, Answered) and one.shares)
    steps = ", ".join(f"{timing.step} {timing.seconds:.2f} s" for timing in opened.timings)
    telling.fact("  answer", f"{released} of {len(KEEPERS)} keepers released their share ({steps})")
    for record in opened.records:
        telling.fact("  opened", f"{record.what}, {len(record.document):,} bytes, {record.origin}")
        telling.show(_glimpse(record.document))


def _glimpse(document: bytes) -> list[str]:
    """Return the first lines that a clinician looks at: who it is, then the allergies."""
    lines = [line for line in render_text(read(document), SHOWN_WIDTH) if line.style is not Style.BLANK]
    first = next((i for i, line in enumerate(lines) if line.style is Style.HEADING), 0)
    shown = [*lines[:SHOWN_OF_HEADER], *lines[first : first + SHOWN_LINES]]
    return [*(line.text for line in shown), f"(and {len(lines) - len(shown)} more lines)"]


def tell_entry(scene: Scene, entry: Entry, meaning: str) -> None:
    """Tell what an entry of her log means, and its hash."""
    scene.telling.fact(f"entry {entry.number}", meaning)
    scene.telling.fact("  hash", f"{to_hex(entry.entry_hash)} in block {entry.block}")
