"""A keeper's disk that is written to until somebody kills the process; one line for everything that it acknowledged.

Run by `test_holdings.py`, not collected: ``python writer.py DIRECTORY``.
"""

import os
import sys
from pathlib import Path

from hospes.core.identities import Address, Country, Hash, RecordId, keccak
from hospes.core.messages import Consent, Deposit, DepositBody, Grant
from hospes.nodes.keeper.held import HeldDeposit
from hospes.nodes.keeper.holdings import Holdings

KEY = b"\x00\x20" + b"n" * 32


def deposit(journey: Address, salt: Hash) -> HeldDeposit:
    """Return a deposit with a digest of its own."""
    body = DepositBody(RecordId(salt), "medication", salt, 1, 1, (salt, salt), salt, 0, salt)
    return HeldDeposit(keccak(b"digest" + salt), Deposit(journey, body), b"\x01" + salt)


def consent(salt: Hash) -> Consent:
    """Return a consent of its own."""
    grant = Grant("country:PT", ("medication",), ("treatment",), (Country("PT"),), 0, 1, Hash(bytes(32)), salt)
    return Consent((grant,), 1)


def write_for_ever(directory: Path) -> None:
    """Write all kinds of holdings, each for a journey of its own, and say so after each."""
    holdings = Holdings(directory, os.urandom)
    round_number = 0
    while True:
        round_number += 1
        salt = keccak(round_number.to_bytes(8))
        journey = Address(salt[:20])
        holdings.keep_deposit(deposit(journey, salt), 0)
        say("deposit", journey, deposit(journey, salt).digest)
        holdings.keep_standing(journey, consent(salt), KEY, 0)
        say("standing", journey, consent(salt).grants_hash)
        holdings.withdraw(journey, salt, 0)
        say("withdrawal", journey, salt)
        holdings.handed.end(journey, round_number, 0)
        say("ending", journey, Hash(round_number.to_bytes(32)))
        holdings.handed.erase(journey, salt, [RecordId(keccak(salt))], 0, 0)
        say("erasure", journey, salt)


def say(what: str, journey: Address, name: Hash) -> None:
    """Acknowledge one write; the full stop shows that the line is whole."""
    sys.stdout.write(f"{what} {journey.hex()} {name.hex()} .\n")
    sys.stdout.flush()


if __name__ == "__main__":
    write_for_ever(Path(sys.argv[1]))
