"""From a permission to readings: her consent, her wearable at four oracles, and its recording on a bad network.

The beginning of the emergency's story. Like every story it calls the parts and tells what they returned.
"""

import time
from pathlib import Path
from statistics import median, quantiles
from typing import Final
from urllib.parse import urlsplit

from hospes.app.alarm import SENT_WITHIN_S, Alarm
from hospes.app.course import LATITUDE, LONGITUDE, MINUTES, Course, course_until
from hospes.app.demonstration import DAY_S, JOURNEY_DAYS, Scene, in_sentences, tell_entry
from hospes.app.hops import Hop, until
from hospes.app.radio import Radio, Weather
from hospes.app.roster import HOSPITALS, ORACLES
from hospes.app.wearable import SPEED, Fitted, wearable
from hospes.clients.wallet.consent import draft, emergency_wish, give
from hospes.clients.wallet.enrolling import Enrolled as Enrolment, enrol
from hospes.core.errors import ConfigurationError
from hospes.core.identities import Country
from hospes.firmware.frames import DeviceId, Lane
from hospes.firmware.recordings import Recording
from hospes.oracle.signals import signals_of
from hospes.risk import Windows

DEVICE: Final = DeviceId(0x0072_0001)
_MS: Final = 1_000


async def tell_permission(scene: Scene) -> None:
    """Give the standing permission for emergencies."""
    telling, wallet = scene.telling, scene.wallet
    begin = wallet.now() - 60
    countries = sorted({place.country for place in HOSPITALS})
    with telling.chapter("The permission for emergencies, before anything happens"):
        consent = await draft(wallet, scene.page, [emergency_wish(countries, begin, begin + JOURNEY_DAYS * DAY_S)])
        for line in in_sentences(scene, consent, standing=True)[:4]:
            telling.say(line)
        given = await give(wallet, scene.page, consent, standing=True)
        tell_entry(scene, (await scene.journal()).entry(given.number), "emergency consent given")
        telling.say("It needs her gate: the card in her purse has it, and so will an alert of her wearable.")
    scene.refresh()


async def tell_enrolment(scene: Scene) -> Enrolment:
    """Enrol her wearable at all oracles."""
    telling = scene.telling
    with telling.chapter("Her wearable, enrolled at four oracles in four countries"):
        until_s = scene.wallet.now() + JOURNEY_DAYS * DAY_S
        enrolment = await enrol(scene.wallet, scene.page, DEVICE, Country("PT"), until_s)
        if enrolment.missing:
            raise ConfigurationError(enrolment.missing[0].member, enrolment.missing[0].reason)
        telling.say(
            "Each oracle gets a frame key of its own and her gate, in a box that only it opens. No oracle can read "
            "what the device seals for another, and none is told who she is or what illnesses she has."
        )
        for paired in enrolment.paired:
            country = paired.oracle.word.country
            telling.fact(paired.oracle.id, f"{country}, hears device {DEVICE:#x} on TCP port {paired.frames_port}")
        telling.fact("to raise an alert", f"{enrolment.epoch.threshold} of {len(ORACLES)} must find the same")
    return enrolment


async def tell_wearable(alarm: Alarm, enrolment: Enrolment, shared: Path | None) -> Course:
    """Run the wearable on a bad network until everything has arrived."""
    scene, telling, machine = alarm.scene, alarm.scene.telling, wearable()
    with telling.chapter("The wearable runs, and the network is bad"):
        course = course_until(int(time.time() * _MS), shared)
        telling.fact("wearable", machine.what)
        telling.fact("heartbeats", course.beats)
        telling.fact("everything else", "synthetic, but for the pulse, which is counted from the heartbeats")
        telling.fact("place", f"{LATITUDE:.2f} N {-LONGITUDE:.2f} W, in the Alentejo")
        rising = "then the pressure begins to rise, and eight minutes later the rhythm turns"
        telling.fact("course", f"a quiet hour, {rising}; {MINUTES} minutes with every heartbeat")
        begun, weather = time.perf_counter(), Weather()
        addresses = [
            (urlsplit(paired.oracle.service).hostname or "", paired.frames_port) for paired in enrolment.paired
        ]
        keys = tuple(paired.frame_key for paired in enrolment.paired)
        radio = await machine.run(Fitted(DEVICE, keys, tuple(addresses), course.recording), weather)
        replayed_s = time.perf_counter() - begun
        clock = "by the device's clock it ended when the replay began"
        telling.fact("replayed", f"in {replayed_s:.1f} s, {SPEED} times as fast; {clock}")
        _tell_network(radio, weather, scene)
        await _tell_arrival(alarm, radio, course.recording)
    trips = radio.tally.trips_s
    ninety_fifth = quantiles(trips, n=20)[-1] if len(trips) > 1 else trips[0]
    how = f"sent to acknowledged from disk; median of {len(trips)}, 95 % within {ninety_fifth:.3f} s"
    alarm.hops.append(Hop("frame to oracle", median(trips), how))
    return course


def _tell_network(radio: Radio, weather: Weather, scene: Scene) -> None:
    telling, tally = scene.telling, radio.tally
    away = f"after {weather.away_after_s:g} s nothing for {weather.away_s:g} s"
    telling.fact("network", f"{away} ({weather.away_s * SPEED / 60:.0f} minutes of the recording)")
    telling.fact("  connections cut", tally.cuts)
    telling.fact("sent", f"{tally.sent} frames with {tally.messages} messages to {len(tally.frames)} oracles")
    telling.fact("  resent", tally.resent)
    telling.fact("  dropped", f"{tally.dropped} on the way, {tally.cut} while there was no network")
    telling.fact("  overtaken", f"{tally.overtaken} by a later one")
    telling.fact("  answers lost", f"{tally.answers_lost} of {tally.answers}")


async def _tell_arrival(alarm: Alarm, radio: Radio, recording: Recording) -> None:
    """Wait until every reading is where it belongs, and say so."""
    telling, sent = alarm.scene.telling, radio.tally.messages
    vital = signals_of([item.reading for item in recording.items]).vital
    expected = len(Windows.of(vital).times)
    await until(lambda: alarm.streams.count("frames") >= sent, SENT_WITHIN_S, "the last frame at every oracle")
    judged = lambda: all(len(one.track.windows.times) >= expected for one in alarm.at_work())  # noqa: E731
    await until(judged, SENT_WITHIN_S, "the last reading in every oracle's judgement")
    arrived = alarm.streams.count("frames")
    missing = sum(
        one.lost + sum(len(gap) for lane in Lane for gap in one.receiver.missing(lane)) for one in alarm.at_work()
    )
    again = alarm.streams.count("frames-refused", "repeated-frame")
    telling.fact("arrived", f"{arrived} messages, late and complete")
    telling.fact("  missing", missing + sent - min(arrived, sent))
    telling.fact("  doubled", f"{max(arrived - sent, 0)} ({again} frames came again and were known)")
    held = {len(one.track.windows.times) for one in alarm.at_work()}
    telling.fact("readings", f"{expected} vital ones taken, {' or '.join(map(str, sorted(held)))} with each oracle")
