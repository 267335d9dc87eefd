"""The emergency: the story that Hospes exists for, from a heartbeat in rural Portugal to a history in Portuguese.

A traveller of 72, an irregular rhythm, a rising pressure. It only puts the chapters in order (`heartbeat`, `alarm`,
`bedside`) and gives the oracles their tables; with a silent hospital the next one is asked.
"""

import re
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from hospes.app.alarm import Alarm, sighting, tell_alert, tell_judgement
from hospes.app.bedside import (
    tell_acknowledgement,
    tell_break_glass,
    tell_history,
    tell_hops,
    tell_inbox,
    tell_silence,
    tell_traveller,
)
from hospes.app.course import BEATS_FILE
from hospes.app.demonstration import at_scene, tell_deposit, tell_network, tell_record
from hospes.app.embedded import EmbeddedNetwork, OracleTables
from hospes.app.heartbeat import tell_enrolment, tell_permission, tell_wearable
from hospes.app.hops import following
from hospes.app.places import FACILITIES_FILE, Places, places
from hospes.app.roster import ORACLES
from hospes.app.telling import Telling
from hospes.core.errors import ConfigurationError
from hospes.oracle.policy import SHORTEST_S
from hospes.service.network import Network

POLICY_FILE: Final = "demonstration-policy.toml"
_DEADLINE: Final = re.compile(r"^deadline_s = \d+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Telltale:
    """How the emergency is to be told.

    Attributes
    ----------
    document : bytes
        Her patient summary.
    shared : Path or None
        Folder of real data.
    silent : bool
        Whether the first hospital does not answer.
    """

    document: bytes
    shared: Path | None
    silent: bool


def require_shared(shared: Path) -> None:
    """Refuse a folder of real data that has none.

    Raises
    ------
    ConfigurationError
    """
    if not any((shared / name).exists() for name in (BEATS_FILE, FACILITIES_FILE)):
        raise ConfigurationError(
            str(shared), f"there is no shared data here: neither {BEATS_FILE} nor {FACILITIES_FILE}"
        )


async def tell_emergency(network: Network, how: Telltale, telling: Telling) -> None:
    """Run a founded network, and tell the whole story on it.

    Raises
    ------
    HospesError
        When a step fails; the network is stopped then, too.
    """
    begun = time.perf_counter()
    stands = places(how.shared, network.directory)
    running = EmbeddedNetwork(network, _tables(network, stands, silent=how.silent))
    await running.start()
    try:
        await _tell(running, time.perf_counter() - begun, stands, how, telling)
    finally:
        await running.stop()


async def _tell(running: EmbeddedNetwork, ready_s: float, stands: Places, how: Telltale, telling: Telling) -> None:
    tell_network(running, ready_s, telling)
    summary, cut = tell_record(how.document, telling)
    addresses = {place.id: running.addresses[place.id] for place in ORACLES}
    async with at_scene(running, telling) as scene, following(addresses, scene.http) as streams:
        alarm = Alarm(scene, stands, streams)
        await tell_deposit(scene, summary, cut)
        await tell_permission(scene)
        enrolment = await tell_enrolment(scene)
        async with sighting(alarm):
            course = await tell_wearable(alarm, enrolment, how.shared)
            alert_hash = await tell_judgement(alarm, course)
            alert = await tell_alert(alarm, alert_hash, first=True)
            await tell_inbox(alarm, alert_hash, alert)
            if how.silent:
                alert_hash = await tell_silence(alarm, alert_hash, alert)
                alert = await tell_alert(alarm, alert_hash, first=False)
                await tell_inbox(alarm, alert_hash, alert)
            opened = await tell_break_glass(alarm, alert_hash, alert.addressee)
            tell_history(alarm, opened, alert.addressee)
            await tell_acknowledgement(alarm, alert_hash, alert.addressee)
        await tell_traveller(alarm)
        tell_hops(alarm, silent=how.silent)


def _tables(network: Network, stands: Places, *, silent: bool) -> OracleTables:
    """Return what the oracles go by: a policy with short deadlines when a hospital is to miss one."""
    if not silent:
        return OracleTables(None, stands.facilities, stands.members)
    policy = network.directory / POLICY_FILE
    own = (files("hospes.oracle") / "policy.toml").read_text("utf-8")
    policy.write_text(_DEADLINE.sub(f"deadline_s = {SHORTEST_S}", own), "utf-8")
    return OracleTables(policy, stands.facilities, stands.members)
