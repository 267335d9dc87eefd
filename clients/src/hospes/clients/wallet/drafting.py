"""A deposit made ready: a document sealed under a new key, the key split, the deposit signed, all of it written down.

Nothing leaves the wallet here. A record's key exists between sealing and splitting only; the shares stay in the sealed
book until the deposit is logged.

Sources: PROTOCOL sections 1 (``DepositBody``), 3 and 4.
"""

from dataclasses import dataclass

from hospes.clients.wallet.keepers import Keepers
from hospes.clients.wallet.pages import DepositPage, JourneyPage
from hospes.clients.wallet.unfinished import UnfinishedBlocks
from hospes.clients.wallet.wallet import Wallet
from hospes.core.content_ids import digest_of
from hospes.core.identities import RecordId, keccak
from hospes.core.messages import Deposit, DepositBody, share_hash
from hospes.core.sealing import RecordContext, SealedRecord, SignedIssued, seal_record
from hospes.core.shares import KEY_BYTES, split


@dataclass(frozen=True, slots=True)
class Document:
    """What to deposit.

    Attributes
    ----------
    what : str
        Its class, such as ``patient-summary``.
    media_type : str
    content : bytes
    issued : SignedIssued, optional
        The issuer's word on it; absent for what the wallet cut.
    """

    what: str
    media_type: str
    content: bytes
    issued: SignedIssued | None = None


def begin(wallet: Wallet, journey: JourneyPage, document: Document, keepers: Keepers) -> DepositPage:
    """Seal a document under a new key, split the key, sign the deposit, and write all this down."""
    record, key = RecordId(wallet.entropy(32)), wallet.entropy(KEY_BYTES)
    context = RecordContext(journey.address, record, document.what)
    sealed = seal_record(context, key, document.content, document.media_type, document.issued)
    shares = split(key, keepers.epoch.threshold, len(keepers.members), wallet.entropy)
    opening = Deposit(journey.address, _body(wallet, context, sealed, shares, keepers))
    digests = tuple(digest_of(block) for block in sealed.blocks)
    document_hash = keccak(document.content)
    page = DepositPage(opening, wallet.sign(journey, opening), document_hash, digests, (), (), shares, given_up=False)
    UnfinishedBlocks(wallet.files.unfinished).keep(record, sealed.blocks)
    return note(wallet, journey, page)


def _body(
    wallet: Wallet, context: RecordContext, sealed: SealedRecord, shares: tuple[bytes, ...], keepers: Keepers
) -> DepositBody:
    salt = wallet.salt()
    return DepositBody(
        record=context.record,
        what=context.what,
        manifest=sealed.manifest_digest,
        keeper_epoch=keepers.epoch.number,
        threshold=keepers.epoch.threshold,
        share_hashes=tuple(share_hash(salt, share) for share in shares),
        key_check=sealed.key_check,
        deposited_at=wallet.time_at(keepers.at),
        salt=salt,
    )


def note(wallet: Wallet, journey: JourneyPage, page: DepositPage) -> DepositPage:
    """Write a deposit's present state into the book, and return it."""
    wallet.book.change_journey(journey, lambda now: now.with_deposit(page))
    return page
