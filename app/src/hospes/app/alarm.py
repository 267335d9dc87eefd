"""From readings to an alert: what four oracles find, what stands on the chain, and which hospital is asked.

The middle of the emergency's story. Like every story it calls the parts and tells what they returned.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from hospes.app.course import LATITUDE, LONGITUDE, Course
from hospes.app.demonstration import Scene
from hospes.app.hops import Hop, Streams, until
from hospes.app.places import REAL, Places
from hospes.clients.hospital.inbox import Standing
from hospes.core.errors import ConfigurationError
from hospes.core.identities import Hash, MemberId, to_hex
from hospes.core.messages import Alert
from hospes.oracle.cases import Case
from hospes.oracle.enrolment import Enrolled
from hospes.oracle.facilities import Emergency
from hospes.oracle.oracle import Oracle
from hospes.oracle.screen import sentences
from hospes.risk.screen import lines
from hospes.service.chain import ChainReader

SENT_WITHIN_S: Final = 30.0
NEAREST: Final = 4
_MS: Final = 1_000


@dataclass(slots=True)
class Alarm:
    """What the chapters share.

    Attributes
    ----------
    scene : Scene
    places : Places
    streams : Streams
        What the oracles tell live.
    raised, confirmed : dict of Hash to float
        When an alert was seen on the chain, and proven by its hospital; seconds of `time.perf_counter`.
    hops : list of Hop
    """

    scene: Scene
    places: Places
    streams: Streams
    raised: dict[Hash, float] = field(default_factory=dict[Hash, float])
    confirmed: dict[Hash, float] = field(default_factory=dict[Hash, float])
    hops: list[Hop] = field(default_factory=list[Hop])

    @property
    def oracles(self) -> dict[MemberId, Oracle]:
        """All oracles of the network."""
        return self.scene.running.oracles

    def at_work(self) -> list[Enrolled]:
        """Return her enrolment at each oracle that has it."""
        found = (one.parts.enrolments.of_journey(self.scene.journey) for one in self.oracles.values())
        return [one for one in found if one is not None]

    def case(self, alert_hash: Hash) -> tuple[MemberId, Case, Alert]:
        """Return who raised an alert, its case there, and the alert."""
        for name, oracle in self.oracles.items():
            case = oracle.parts.cases.with_alert(alert_hash)
            if case is not None and case.alert is not None and case.own:
                return name, case, case.alert
        raise ConfigurationError("the story", "no oracle says that it raised this alert")


@asynccontextmanager
async def sighting(alarm: Alarm) -> AsyncGenerator[None, None]:
    """Watch chain and inboxes until the end of the block, for the times alone."""
    wallet = alarm.scene.wallet
    chain = ChainReader(wallet.reader.node, wallet.reader.genesis)
    task = asyncio.create_task(_sight(alarm, chain))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _sight(alarm: Alarm, chain: ChainReader) -> None:
    while True:
        sent = {one.happening.alert_hash for one in alarm.streams.of("sent")}
        for alert_hash in sent - alarm.raised.keys():
            if alert_hash is not None and (await chain.alert(alert_hash, await chain.tip())).raised:
                alarm.raised[alert_hash] = time.perf_counter()
        for desk in alarm.scene.running.desks.values():
            for one in desk.inbox.alerts():
                if one.standing(desk.inbox.account) is not Standing.UNCONFIRMED:
                    alarm.confirmed.setdefault(one.alert_hash, time.perf_counter())
        await asyncio.sleep(0.02)


async def tell_judgement(alarm: Alarm, course: Course) -> Hash:
    """Show what the oracles found, and return the alert that they raise."""
    telling, streams = alarm.scene.telling, alarm.streams
    with telling.chapter("What the oracles find, each by its own frames"):
        await until(lambda: bool(streams.of("sent")), SENT_WITHIN_S, "an alert on its way to the chain")
        sent = streams.of("sent")[0]
        alert_hash = sent.happening.alert_hash
        if alert_hash is None:
            raise ConfigurationError(sent.oracle, "it sent an alert without a hash")
        name, case, _ = alarm.case(alert_hash)
        parts = alarm.oracles[name].parts
        row, enrolled = parts.policy.row(case.row), parts.enrolments.of_journey(alarm.scene.journey)
        if row is None or enrolled is None:
            raise ConfigurationError(name, "it forgot why it raised an alert")
        telling.fact("raised by", name)
        after_s = (case.as_of_ms - course.turns_ms) / _MS
        telling.fact("when", f"{after_s:.0f} s after the rhythm turned, by the device's clock; the frames came late")
        telling.fact("policy row", f"{row.name}: {row.says}; severity {row.severity} ({row.severity.name.lower()})")
        for sentence in sentences(row):
            telling.say(sentence)
        for reason in case.detail.reasons:
            telling.fact(
                "  reason", f"{reason.feature} {reason.value} {reason.unit}".rstrip() + f", {reason.direction}"
            )
        current, fresh = parts.scorer.vectors(enrolled.track.windows, case.as_of_ms)
        begun = time.perf_counter()
        assessments, scores = list(parts.scorer.assess(current)), list(parts.scorer.scores(fresh))
        scored_s = time.perf_counter() - begun
        for one in assessments:
            telling.fact(one.outcome, f"{one.probability:.3f}, {one.horizon}; learned from {one.population}")
        for score in scores:
            if score.name == "NEWS2":
                absent = f"; not known: {', '.join(score.missing)}" if score.missing else ""
                least = "at least " if score.missing else ""
                telling.fact(score.name, f"{least}{score.value} of {score.highest}: {score.response}{absent}")
        telling.show(list(lines(current, assessments, scores)))
    _measure_decision(alarm, name, scored_s)
    return alert_hash


def _measure_decision(alarm: Alarm, raiser: MemberId, scored_s: float) -> None:
    decided = alarm.streams.of("decided", oracle=raiser)[0].at
    frames = [one.at for one in alarm.streams.of("frames", oracle=raiser) if one.at <= decided]
    alarm.hops.append(Hop("score", scored_s, "models and published scores once more, on the same readings"))
    how = "from the frames on the disk, those before them included, to an alert that is decided"
    alarm.hops.append(Hop("to decision", decided - frames[-1] if frames else 0.0, how))


async def tell_alert(alarm: Alarm, alert_hash: Hash, *, first: bool) -> Alert:
    """Show an alert on the chain: who attested, whom it asks, and why that hospital."""
    telling, scene = alarm.scene.telling, alarm.scene
    title = "The alert on the chain, and the nearest hospital" if first else "The next alert, to the next hospital"
    with telling.chapter(title):
        await until(lambda: alert_hash in alarm.raised, SENT_WITHIN_S, "the alert on the chain")
        name, case, alert = alarm.case(alert_hash)
        state = await scene.wallet.reader.alert(alert_hash, await scene.wallet.reader.tip())
        telling.fact("alert", to_hex(alert_hash))
        telling.fact("  raised", f"in block {state.raised_block}, by {name}")
        signers = {one.parts.address: each for each, one in alarm.oracles.items()}
        attested = sorted(signers[one.oracle] for one in case.attestations)
        telling.fact("  attested by", f"{', '.join(attested)} ({len(attested)} of {len(signers)})")
        telling.fact("  asks", f"{alert.addressee}, to answer within {alert.deadline - alert.raised_at} s")
        telling.say(
            "The chain holds this hash, the hospital asked and its deadline: no journey, no reading, no illness."
        )
        if first:
            _tell_places(alarm)
    if first:
        _measure_chain(alarm, name, alert_hash)
    return alert


def _tell_places(alarm: Alarm) -> None:
    telling, places = alarm.scene.telling, alarm.places
    telling.fact("facilities", f"{len(places.hospitals.facilities.kept)} of {places.source}")
    for km, facility, member in places.near(LATITUDE, LONGITUDE, NEAREST):
        known = "emergencies" if facility.emergency is Emergency.YES else "emergencies not told"
        stands = f"; here stands the member {member}" if member else ""
        telling.fact(f"  {km:.1f} km", f"{facility.name} ({facility.country}), {known}{stands}")
    if places.source == REAL:
        telling.say("No real hospital is a member: the demonstration's members stand in the places of these.")


def _measure_chain(alarm: Alarm, raiser: MemberId, alert_hash: Hash) -> None:
    """Measure from the decision to the chain, and how much of that was waiting for a second oracle."""
    decided = alarm.streams.of("decided", oracle=raiser)[0].at
    agreed = [one.at for one in alarm.streams.of("attested", alert_hash)]
    waited = (
        f"a second oracle agreed after {agreed[0] - decided:.3f} s, once its own late frames were judged; "
        if agreed
        else ""
    )
    alarm.hops.append(Hop("decision to chain", alarm.raised[alert_hash] - decided, f"{waited}then final on the chain"))
