"""What the operator of an oracle decides; when an alert is raised is the policy's, the rest is fixed by the protocol.

It reads no file and no environment: whoever starts an oracle does.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from hospes.core.errors import ConfigurationError

MAX_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class OracleConfiguration:
    """Settings of one oracle."""

    directory: Path
    """Where its two databases and its memory of the chain are; made, for its owner only, when it is not there."""
    policy: Path | None = None
    """The table of when to alert; the one that comes with this part when None. The oracles of one network need
    tables that agree, since each attests by its own."""
    facilities: Path | None = None
    """Hospitals with their places, in Eurostat's columns; the fictional ones of the demonstration when None."""
    members: Path | None = None
    """Which member a facility belongs to: CSV of ``id,member``; the demonstration's when None."""
    frames_host: str = "127.0.0.1"
    """Address to listen on for devices; one machine's own unless set, so that nothing is open by accident."""
    frames_port: int = 0
    """TCP port for devices, 0 to 65,535; 0 for any free one."""
    max_enrolments: int = 10_000
    """Journeys at once, at least 1: each holds up to about 15 MB in memory after two days."""
    max_connections: int = 2_000
    """Devices connected at once, at least 1."""
    max_connections_a_source: int = 64
    """Of these, from one address (IPv6: from one /64), at least 1: many wearables may share a hospital's."""
    max_connections_loopback: int = 512
    """Of these, from this machine itself, at least 1: in an embedded network all devices are here."""
    frames_a_second: float = 50.0
    """What one connection may send for long, more than 0; a device sends a frame in 5 s, and more after an outage."""
    first_frame_s: float = 10.0
    """Seconds in which a new connection must bring a frame of an enrolled device, more than 0."""
    idle_s: float = 300.0
    """Seconds since the last such frame after which a connection is closed, more than 0; a device that lives sends
    within this."""
    turn_s: float = 3.0
    """Seconds that each oracle waits for the one before it in the order to raise, more than 0. Long enough to attest
    in; the last of four acts after three of them."""
    look_s: float = 0.5
    """Seconds between two looks at the chain while an alert is open, more than 0."""
    sweep_every_s: float = 60.0
    """Seconds between two rounds of forgetting what is over, more than 0."""
    max_streams: int = 32
    """Live views at once, at least 1."""
    max_streams_a_source: int = 4
    """Of these, to one address, at least 1."""
    stream_s: float = 600.0
    """Seconds after which a live view ends, more than 0; a browser asks for it again by itself."""
    heartbeat_s: float = 15.0
    """Seconds of silence on a live view at most, more than 0; proxies cut what is silent for 60."""

    def __post_init__(self) -> None:
        """Refuse values out of bounds."""
        names = [one.name for one in fields(self)]
        positive = (
            "frames_a_second",
            "first_frame_s",
            "idle_s",
            "turn_s",
            "look_s",
            "sweep_every_s",
            "heartbeat_s",
            "stream_s",
        )
        bounds = {name: getattr(self, name) > 0 for name in positive}
        bounds |= {name: getattr(self, name) >= 1 for name in names if name.startswith("max_")}
        bounds["frames_port"] = 0 <= self.frames_port <= MAX_PORT
        for setting, holds in bounds.items():
            if not holds:
                raise ConfigurationError(f"oracle {setting}", "out of bounds")
