"""Depositing records: sealed, stored, their keys split among the keepers, and logged, in the protocol's order.

Each step is in the book before the next begins, so a wallet that was killed goes on where it was: nothing is lost, and
nothing is deposited twice. Cutting an emergency summary out of a patient summary is done before (`core.summary`).

Sources: PROTOCOL sections 3, 4 and 5 ("Deposit, in this order").
"""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Final

from hospes.clients.wallet.drafting import Document, begin, note
from hospes.clients.wallet.issuing import check_issued
from hospes.clients.wallet.keepers import Keepers, Missing, keepers_in_office
from hospes.clients.wallet.locking import alone
from hospes.clients.wallet.pages import DepositPage, JourneyPage
from hospes.clients.wallet.placing import place
from hospes.clients.wallet.relaying import deposit_call, logged, relay
from hospes.clients.wallet.standing import hand_over
from hospes.clients.wallet.unfinished import UnfinishedBlocks
from hospes.clients.wallet.wallet import Wallet
from hospes.core.chain import Entry
from hospes.core.errors import SealingError
from hospes.core.identities import MemberId, RecordId, keccak

KEPT_UNLOGGED_S: Final = 23 * 3600
"""Keepers drop what was not logged after 24 hours (PROTOCOL section 5); an hour is left to finish in."""


@dataclass(frozen=True, slots=True)
class Deposited:
    """A record that is in the log.

    Attributes
    ----------
    record : RecordId
    what : str
    number : int
        Of its entry.
    keepers : tuple of MemberId
        That hold a share.
    missing : tuple of Missing
        Keepers and stores that do not, and why.
    threshold : int
        Keepers needed to open it.
    new : bool
        False for a document that was deposited before and left as it was.
    """

    record: RecordId
    what: str
    number: int
    keepers: tuple[MemberId, ...]
    missing: tuple[Missing, ...]
    threshold: int
    new: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a deposit.

    Attributes
    ----------
    records : tuple of Deposited
        Those asked for, and those that an earlier run had left unfinished.
    standing : tuple of Missing
        Keepers that do not hold the journey's standing consents yet, and why.
    """

    records: tuple[Deposited, ...]
    standing: tuple[Missing, ...]


async def deposit(
    wallet: Wallet, journey: JourneyPage, documents: Sequence[Document], *, again: bool = False
) -> Outcome:
    """Deposit documents, and finish what an earlier run left unfinished.

    They go together: steps that do not depend on each other run at once, and entries share blocks of the chain.
    A document that this journey has deposited with the keepers in office is left as it is, unless it is asked for
    `again`: then it is sealed anew, for example since a keeper that was missing then is back.

    Raises
    ------
    TooFewKeepersError, StoresFailedError, NotRelayedError
        When one could not be finished; the others are. Repeating goes on where this ended.
    SignatureError
        When an issuer's word does not hold.
    WalletFileError
        When another program is depositing with this wallet.
    """
    with alone(wallet.files.depositing, wait=False):
        keepers = await keepers_in_office(wallet)
        journey = await _tidy(wallet, journey, keepers)
        pages = {page.record: page for page in journey.deposits if page.unfinished}
        for document in documents:
            await check_issued(wallet, document)
            page = _known(journey, document, keepers, again=again) or begin(wallet, journey, document, keepers)
            journey = journey.with_deposit(page)
            pages[page.record] = page
        records = await _all([_finish(wallet, journey, page, keepers) for page in pages.values()])
    return Outcome(records, await hand_over(wallet, wallet.journey(journey.index)))


def _known(journey: JourneyPage, document: Document, keepers: Keepers, *, again: bool) -> DepositPage | None:
    """Return the deposit of this very document with the keepers in office, if there is one to go on with."""
    wanted = document.what, keccak(document.content), keepers.epoch.number
    erased = {record for page in journey.erasures for record in page.erasure.records}
    for page in journey.deposits:
        body = page.deposit.body
        usable = page.unfinished if again else not page.given_up and page.record not in erased
        if usable and (body.what, page.document, body.keeper_epoch) == wanted:
            return page
    return None


async def _tidy(wallet: Wallet, journey: JourneyPage, keepers: Keepers) -> JourneyPage:
    """Give up what can no longer be finished, and delete blocks that no page refers to."""
    for page in journey.deposits:
        if page.unfinished and await _is_lost(wallet, page, keepers):
            journey = journey.with_deposit(note(wallet, journey, replace(page, shares=(), given_up=True)))
    pages = (page for other in wallet.book.read().journeys for page in other.deposits)
    _blocks(wallet).drop_all_but(page.record for page in pages if page.unfinished)
    return journey


async def _is_lost(wallet: Wallet, page: DepositPage, keepers: Keepers) -> bool:
    """Whether a deposit is not logged and its keepers have dropped it, are out of office, or its blocks are gone."""
    body, now = page.deposit.body, wallet.time_at(keepers.at)
    if await logged(wallet, deposit_call(wallet, page.deposit, page.signature)):
        return False
    if now - body.deposited_at > KEPT_UNLOGGED_S or body.keeper_epoch != keepers.epoch.number:
        return True
    try:
        _blocks(wallet).load(page.record, page.digests)
    except SealingError:
        return not page.stores
    return False


async def _finish(wallet: Wallet, journey: JourneyPage, page: DepositPage, keepers: Keepers) -> Deposited:
    """Carry a deposit through the steps that are left."""
    call = deposit_call(wallet, page.deposit, page.signature)
    missing: tuple[Missing, ...] = ()
    new = page.unfinished
    if new and not await logged(wallet, call):
        page, missing = await place(wallet, journey, page, keepers)
    entry = await relay(wallet, call)
    if new:
        page = note(wallet, journey, replace(page, shares=()))
        _blocks(wallet).drop(page.record)
    return _deposited(page, entry, keepers, missing, new=new)


def _deposited(
    page: DepositPage, entry: Entry, keepers: Keepers, missing: tuple[Missing, ...], *, new: bool
) -> Deposited:
    body, names = page.deposit.body, {keeper.account: keeper.id for keeper in keepers.members}
    holding = tuple(names.get(accepted.keeper, MemberId("")) for accepted in page.accepted)
    return Deposited(page.record, body.what, entry.number, holding, missing, body.threshold, new)


def _blocks(wallet: Wallet) -> UnfinishedBlocks:
    return UnfinishedBlocks(wallet.files.unfinished)


async def _all(steps: Sequence[Coroutine[None, None, Deposited]]) -> tuple[Deposited, ...]:
    """Let every step end before the first failure is raised."""
    outcomes = await asyncio.gather(*steps, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return tuple(outcome for outcome in outcomes if not isinstance(outcome, BaseException))
