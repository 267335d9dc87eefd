"""The hospital: asks for a traveller's record, in the log first, and shows it to the people who treat them.

It decides nothing about consent: keepers do, each for itself. `Hospital` is the library, ``hospes hospital`` the
command, `gateway` the small service that relays what travellers signed.
"""

from hospes.clients.hospital.access import Request, break_glass
from hospes.clients.hospital.hospital import Hospital, OpenedRecords, Timing
from hospes.clients.hospital.quorum import Answered, Asked, Lying, Outcome, Refused, Unreachable
from hospes.clients.hospital.record import OpenedRecord, Origin, Unopened

__all__ = [
    "Answered",
    "Asked",
    "Hospital",
    "Lying",
    "OpenedRecord",
    "OpenedRecords",
    "Origin",
    "Outcome",
    "Refused",
    "Request",
    "Timing",
    "Unopened",
    "Unreachable",
    "break_glass",
]
