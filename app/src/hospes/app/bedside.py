"""From an alert to a treated traveller: inbox, break-glass with evidence, her history in the reader's language.

The second half of the emergency's story. What the people of the hospital do goes through its desk, as from its console.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Final

from hospes.app.alarm import Alarm
from hospes.app.demonstration import tell_entry
from hospes.app.hops import Hop, StalledError, until
from hospes.app.roster import DOCTORS, HOSPITALS, KEEPERS
from hospes.clients.hospital.desk import Desk
from hospes.clients.hospital.hospital import OpenedRecords
from hospes.clients.hospital.inbox import Standing
from hospes.clients.hospital.quorum import Answered
from hospes.clients.hospital.reading import Reading, Said, ShownFact, read_record
from hospes.clients.hospital.tokens import Badge
from hospes.clients.wallet.accesses import Fate, accesses
from hospes.clients.wallet.sentences import moment
from hospes.core.errors import ConfigurationError
from hospes.core.identities import Hash, MemberId, to_hex
from hospes.core.messages import Alert
from hospes.core.summary.facts import Label

LANGUAGES: Final = {"PT": "pt", "ES": "es", "FR": "fr"}
"""In which language the people of a country's hospital read."""
REASON: Final = "alert of her wearable: irregular rhythm, rising pressure"
INBOX_S: Final = 30.0
LOOK_S: Final = 0.25
ESCALATED_S: Final = 60.0
"""After the deadline; the oracles look twice a second."""
SHORTENED: Final = (
    "This screen is shortened: of each fact its words, status, date and source, and of an allergy its reactions. "
    "Dosages, notes and all else are on the hospital's console, which shows everything that the record says."
)
_MICRO: Final = 1_000_000


async def tell_inbox(alarm: Alarm, alert_hash: Hash, alert: Alert) -> None:
    """Show the alert in the hospital's inbox, proven by the hospital itself."""
    telling, name = alarm.scene.telling, alert.addressee
    desk = alarm.scene.running.desks[name]
    with telling.chapter(f"In the inbox of {name}"):
        await until(lambda: alert_hash in alarm.confirmed, INBOX_S, "the alert in the inbox, proven by the hospital")
        received = desk.inbox.alert(alert_hash)
        detail = received.box.detail
        telling.fact("alert", f"severity {alert.severity}: {received.standing(desk.inbox.account)}")
        for reason in detail.reasons:
            telling.fact("  because of", f"{reason.feature} {reason.value} {reason.unit}".rstrip())
        if detail.position is not None:
            latitude, longitude = int(detail.position.latitude) / _MICRO, int(detail.position.longitude) / _MICRO
            telling.fact("  where", f"{latitude:.4f}, {longitude:.4f}")
        points = ", ".join(f"{len(series.points)} of {series.feature}" for series in detail.trend)
        telling.fact("  trend", f"{points} in two hours")
        device = detail.device
        telling.fact("  device", f"battery {device.battery_percent} %, {device.missing_frames} frames missing then")
        telling.say("The box came sealed to this hospital, with her gate: the alert is her card.")
    _measure_inbox(alarm, alert_hash)


def _measure_inbox(alarm: Alarm, alert_hash: Hash) -> None:
    delivered = alarm.streams.of("delivered", alert_hash)
    if delivered:
        after_s = delivered[0].at - alarm.raised[alert_hash]
        told = f"{abs(after_s):.3f} s {'after' if after_s > 0 else 'before'} the block was seen; both go out at once"
        alarm.hops.append(Hop("chain to inbox", max(0.0, after_s), f"on the inbox's disk, {told}"))
    how = "until the hospital itself had proven it raised; it looks twice a second"
    alarm.hops.append(Hop("chain to proof", max(0.0, alarm.confirmed[alert_hash] - alarm.raised[alert_hash]), how))


async def tell_silence(alarm: Alarm, alert_hash: Hash, alert: Alert) -> Hash:
    """Wait for the deadline, and return the alert to the next hospital."""
    telling, reader = alarm.scene.telling, alarm.scene.wallet.reader
    seconds = alert.deadline - alert.raised_at
    with telling.chapter(f"{alert.addressee} stays silent"):
        telling.say(
            f"Nobody there acknowledges. Its policy gives {seconds} s: a demonstration's deadline, since the policy "
            f"that comes with the oracles gives minutes."
        )
        begun = time.perf_counter()
        while not any((state := await reader.alert(alert_hash, await reader.tip())).escalated_to):
            if time.perf_counter() - begun > seconds + ESCALATED_S:
                raise StalledError("the next hospital asked, after the deadline", seconds + ESCALATED_S)
            await asyncio.sleep(LOOK_S)
        following = state.escalated_to
        telling.fact("alert", f"{to_hex(alert_hash)}: the deadline passed")
        telling.fact("  escalated to", to_hex(following))
    waited_s = time.perf_counter() - alarm.raised[alert_hash]
    alarm.hops.append(Hop("silence", waited_s, "from the first alert on the chain to the one that followed it"))
    return following


async def tell_break_glass(alarm: Alarm, alert_hash: Hash, hospital: MemberId) -> OpenedRecords:
    """Open her emergency summary in two actions, with the alert as evidence."""
    scene, telling = alarm.scene, alarm.scene.telling
    desk = scene.running.desks[hospital]
    with telling.chapter(f"Break-glass, in two actions, with the alert as evidence: {hospital}"):
        badge = _badge(alarm, desk, hospital)
        pressed = desk.glass.press(badge, scene.journey, alert_hash, desk.now())
        telling.fact("first action", f"{badge.practitioner} presses")
        desk.glass.confirm(badge, pressed, badge.practitioner, REASON, desk.now())
        telling.fact("second action", f"repeats the name and says why: {REASON}")
        begun = time.perf_counter()
        opened = await desk.open(badge, scene.journey, break_glass=True, reason=REASON)
        seconds = time.perf_counter() - begun
        asked = opened.asked
        tell_entry(scene, asked.entry, f"access by {hospital}, emergency")
        telling.fact("  evidence", f"{to_hex(asked.access.evidence)}: the alert")
        released = sum(1 for one in asked.outcomes if isinstance(one, Answered) and one.shares)
        telling.fact("  answer", f"{released} of {len(KEEPERS)} keepers proved the alert and released their share")
        for record in opened.records:
            telling.fact("  opened", f"{record.what}, {len(record.document):,} bytes, {record.origin}")
        telling.say(
            "No card was read: the gate came with the alert. With an alert that is not raised, no keeper answers."
        )
    steps = ", ".join(f"{timing.step} {timing.seconds:.2f} s" for timing in opened.timings)
    alarm.hops.append(Hop("break-glass to text", seconds, steps))
    return opened


def tell_history(alarm: Alarm, opened: OpenedRecords, hospital: MemberId) -> None:
    """Show her history in the reader's language, beside the original."""
    telling = alarm.scene.telling
    country = next(place.country for place in HOSPITALS if place.id == hospital)
    record = opened.records[0]
    with telling.chapter(f"Her history, for {DOCTORS[hospital]}, beside the original"):
        begun = time.perf_counter()
        reading = read_record(record.document, record.media_type, LANGUAGES[country])
        seconds = time.perf_counter() - begun
        telling.fact("language", f"{reading.language or 'not told'} to {reading.to or 'none'}, by WebAssembly")
        telling.fact("notice", reading.notice)
        counts: dict[str, int] = {}
        for fact in _facts(reading):
            counts[fact.text.status or "not translated"] = counts.get(fact.text.status or "not translated", 0) + 1
        telling.fact("facts", ", ".join(f"{count} {status}" for status, count in sorted(counts.items())))
        telling.show(list(beside(reading)))
        telling.say(SHORTENED)
        telling.say("What the translator does not know stays as it was written, in ⟦double brackets⟧.")
    alarm.hops.append(Hop("translation", seconds, f"{sum(counts.values())} facts, read and translated on this machine"))


async def tell_acknowledgement(alarm: Alarm, alert_hash: Hash, hospital: MemberId) -> None:
    """Acknowledge on the chain, and see the oracles close the case."""
    telling, desk = alarm.scene.telling, alarm.scene.running.desks[hospital]
    with telling.chapter(f"{hospital} acknowledges, on the chain"):
        begun = time.perf_counter()
        received = await desk.acknowledge(alert_hash)
        seconds = time.perf_counter() - begun
        if received.state is None or received.standing(desk.inbox.account) is not Standing.ACKNOWLEDGED:
            raise ConfigurationError(hospital, "its acknowledgement is not on the chain")
        telling.fact("acknowledged", f"in block {received.state.acknowledged_block}: {to_hex(alert_hash)}")
        told = alarm.streams
        raiser = alarm.case(alert_hash)[0]
        await until(lambda: bool(told.of("acknowledged", alert_hash, raiser)), INBOX_S, "the oracles hearing of it")
        telling.fact("  heard by", ", ".join(sorted({one.oracle for one in told.of("acknowledged", alert_hash)})))
        telling.say("Nobody else is asked now. An ambulance is not ours to send: the hospital's people do that.")
    alarm.hops.append(Hop("acknowledgement", seconds, "from the button to a final block, proven by the hospital"))


async def tell_traveller(alarm: Alarm) -> None:
    """Show her who looked, and why."""
    scene, telling = alarm.scene, alarm.scene.telling
    with telling.chapter("Who looked, and why? She asks the chain and the keepers"):
        seen = await accesses(scene.wallet, scene.page)
        for look in seen.looks:
            purpose = "BREAK-GLASS" if look.break_glass else f"for {look.why}"
            released = ", ".join(part.what for part in look.released) or "nothing"
            who = f"{look.practitioner}, {look.member} ({look.country})"
            fate = f"{look.fate}: {released}" if look.fate is Fate.OPENED else str(look.fate)
            telling.fact(f"entry {look.number}", f"{moment(look.time)}: {who}, {purpose}: {fate}")
            if look.opening is not None and any(look.opening.evidence):
                telling.fact("  evidence", f"{to_hex(look.opening.evidence)}: the alert of her own wearable")


def tell_hops(alarm: Alarm, *, silent: bool) -> None:
    """Show all hops with their seconds, and what is a demonstration about them."""
    telling = alarm.scene.telling
    with telling.chapter("Every hop, measured in this run"):
        for hop in alarm.hops:
            telling.fact(hop.what, f"{hop.seconds:8.3f} s  {hop.how}")
        telling.say(
            "A demonstration: all members run in one process on one machine, so that no hop crosses a country; the "
            "embedded authority, which seals a block at once, is trusted; the recording is replayed fast."
        )
        if silent:
            telling.say("And the deadline was shortened, so that you need not wait for minutes.")
        telling.say("Not a diagnosis. Not validated in patients.")


def _badge(alarm: Alarm, desk: Desk, hospital: MemberId) -> Badge:
    """Return the badge of the doctor on duty, by the token of the hospital's console."""
    token = alarm.scene.running.consoles[hospital].partition("#")[2]
    return desk.badge(f"Bearer {token}")


def _facts(reading: Reading) -> Iterator[ShownFact]:
    return (fact for section in reading.sections for fact in section.facts)


def beside(reading: Reading) -> Iterator[str]:
    """Yield a record's facts in the reader's language, each with its original, source and date."""
    yield from reading.heading
    for section in reading.sections:
        yield f"{_in_words(section.title)}   ({section.title.original})"
        if section.missing:
            yield "  nothing in the record"
        for fact in section.facts:
            about = ", ".join(_in_words(one) for one in (fact.status, fact.date) if one.original)
            yield f"  {'! ' if fact.danger else ''}{_in_words(fact.text)}{f' [{about}]' if about else ''}"
            yield f"      {fact.text.original}{f'; source: {fact.source}' if fact.source else ''}"
            if fact.text.disputed:
                yield f"      !! its code alone says: {fact.text.disputed}"
            yield from _reactions(fact)
    yield from reading.plain


def _reactions(fact: ShownFact) -> Iterator[str]:
    """Return what an allergy did, with how severely, and the original where there is a translation."""
    for detail in fact.details:
        if detail.label.original == Label.REACTION:
            told, original = _in_words(detail.text), detail.text.original
            yield f"      {_in_words(detail.label)}: {told}{f'   ({original})' if told != original else ''}"


def _in_words(said: Said) -> str:
    """Return the translation, with what is not known marked; without one, the original."""
    if not said.pieces:
        return said.original
    return "".join(piece.text if piece.known else f"⟦{piece.text}⟧" for piece in said.pieces)
