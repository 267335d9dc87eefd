"""Who has signed for having deleted what it held of one record, and whose receipt contradicts what it took.

It compares and asks nobody. Every signature here was checked when its receipt came (`erasing`).

Sources: PROTOCOL section 8; section 1 (``Receipt.deleted`` may be empty: its signer held nothing).
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from hospes.clients.wallet.keepers import Missing
from hospes.clients.wallet.pages import DepositPage, ErasurePage
from hospes.core.chain import Member
from hospes.core.identities import Address, Hash

NO_SHARE: Final = "it accepted its part of the record's key, and signs that it had nothing to delete"
NO_BLOCKS: Final = "it took all blocks of the record, and does not sign for deleting all of them"


@dataclass(frozen=True, slots=True)
class Receipts:
    """A record and all erasures that name it; one that ran out of time may stand beside the one that took its place.

    Attributes
    ----------
    page : DepositPage
    erasures : tuple of ErasurePage
    """

    page: DepositPage
    erasures: tuple[ErasurePage, ...]

    def keeper_is_done(self, keeper: Address) -> bool:
        """Whether a keeper has signed for deleting its share, or for having none when it accepted none."""
        if keeper in self.page.keepers():
            return Hash(self.page.record) in self._deleted(keeper)
        return any(keeper in erasure.signers() for erasure in self.erasures)

    def store_is_done(self, store: Address, digests: Collection[Hash]) -> bool:
        """Whether a store has signed for deleting these blocks."""
        return self._deleted(store).issuperset(digests)

    def store_is_wanting(self, store: Member, digests: tuple[Hash, ...]) -> bool:
        """Whether a store must still be shown an erasure of these blocks; one that held none signs once."""
        signers = {signer for one in self.erasures if one.erasure.digests == digests for signer in one.signers()}
        took = store.id in self.page.stores or store.account not in signers
        return took and not self.store_is_done(store.account, digests)

    def contradictions(self, keepers: Collection[Member], stores: Collection[Member]) -> tuple[Missing, ...]:
        """Return the members among these, all of which have answered, whose receipts leave out what they took."""
        shares = [
            Missing(keeper.id, NO_SHARE)
            for keeper in keepers
            if keeper.account in self.page.keepers() and not self.keeper_is_done(keeper.account)
        ]
        blocks = [
            Missing(store.id, NO_BLOCKS)
            for store in stores
            if store.id in self.page.stores and not self.store_is_done(store.account, self.page.digests)
        ]
        return (*shares, *blocks)

    def earlier_than(self, erasures: Collection[ErasurePage]) -> tuple[ErasurePage, ...]:
        """Return the erasures that were signed anew since: all but these."""
        latest = {one.erasure for one in erasures}
        return tuple(one for one in self.erasures if one.erasure not in latest)

    def _deleted(self, signer: Address) -> set[Hash]:
        held = (receipt for erasure in self.erasures for receipt in erasure.receipts)
        return {Hash(item) for receipt in held if receipt.signer == signer for item in receipt.receipt.deleted}
