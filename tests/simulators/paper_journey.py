"""A journey on a paper chain, with all that its parties hold of it: what an auditor is shown.

Nothing is sealed or stored here: records, shares and boxes play no part in a bundle.
"""

import asyncio
from dataclasses import dataclass, field

from hospes.contracts.genesis import FirstSet
from hospes.core.audit import AuditBundle, Opening, ShownGrants, SignedAnswer, SignedReceipt
from hospes.core.chain import Entry, Role
from hospes.core.identities import Account, Country, Hash, MemberId, RecordId, keccak
from hospes.core.messages import Access, Answer, Deposit, DepositBody, Erasure, Grant, Receipt, sorted_grants
from hospes.core.typed_data import digest, hash_list, hash_struct
from hospes.service.chain import ChainReader
from hospes.service.collect import collect
from tests.simulators.paper_chain import PaperChain, founder

ZERO = Hash(bytes(32))
MEMBERS = {
    "hospital-lisboa": (Role.HOSPITAL, "PT"),
    "hospital-madrid": (Role.HOSPITAL, "ES"),
    "keeper-porto": (Role.KEEPER, "PT"),
    "keeper-bilbao": (Role.KEEPER, "ES"),
    "keeper-lyon": (Role.KEEPER, "FR"),
    "store-paris": (Role.AUDITOR, "FR"),
}
KEEPERS = ("keeper-porto", "keeper-bilbao", "keeper-lyon")


def salt(text: str) -> Hash:
    """Return 32 bytes that look random."""
    return keccak(text.encode())


@dataclass
class Journey:
    """A traveller's journey as it happened, with all that its parties hold of it."""

    chain: PaperChain
    accounts: dict[str, Account]
    account: Account
    openings: list[Opening] = field(default_factory=list[Opening])
    answers: list[SignedAnswer] = field(default_factory=list[SignedAnswer])
    receipts: list[SignedReceipt] = field(default_factory=list[SignedReceipt])

    def access(self, name: str, country: str, why: str = "emergency", member: str = "") -> Entry:
        """Log one access and have every keeper answer it."""
        key = b"\x00\x20" + bytes(32)
        what, where = ("emergency-summary",), Country(country)
        access = Access(
            self.account.address, MemberId(member or name), "Dr. Nuñez", what, why, where, key, ZERO, 0, salt(name)
        )
        sender = self.accounts[name].address
        entry = self.chain.append(sender, self.account.address, digest(self.chain.genesis.domain, access))
        self.openings.append(Opening(access=access))
        for keeper in KEEPERS:
            self.answer(keeper, entry)
        return entry

    def answer(self, keeper: str, entry: Entry) -> None:
        """Have a keeper sign an answer to an entry."""
        answer = Answer(entry.entry_hash, entry.number, salt(keeper), keccak(self.chain.blocks[-1].header))
        account = self.accounts[keeper]
        signature = account.sign(digest(self.chain.genesis.domain, answer))
        self.answers.append(SignedAnswer(account.address, answer, signature))

    def receipt(self, signer: str, erasure: Erasure, deleted: tuple[Hash, ...]) -> None:
        """Have a member sign that it deleted."""
        receipt = Receipt(digest(self.chain.genesis.domain, erasure), deleted, self.chain.time)
        account = self.accounts[signer]
        signature = account.sign(digest(self.chain.genesis.domain, receipt))
        self.receipts.append(SignedReceipt(account.address, receipt, signature))

    def bundle(self, since: int | None = None) -> AuditBundle:
        """Collect the bundle from the chain's node."""
        reader = ChainReader(self.chain.node(), self.chain.genesis)
        shown = self.openings, self.answers, self.receipts
        return asyncio.run(collect(reader, self.account.address, *shown, since=since))


def begin(account: Account | None = None) -> Journey:
    """Return a journey without entries, on a new chain."""
    made = {name: founder(name, *place) for name, place in MEMBERS.items()}
    accounts = {name: account for name, (account, _) in made.items()}
    keepers = FirstSet(tuple(accounts[name].address for name in KEEPERS), threshold=2)
    chain = PaperChain(tuple(each for _, each in made.values()), keepers)
    return Journey(chain, accounts, account or Account(keccak(b"journey")))


def grant(text: str) -> Grant:
    """Return a grant for break-glass."""
    where = Country("ES"), Country("PT")
    return Grant("hospital:*", ("emergency-summary",), ("emergency",), where, 0, 2**40, salt("gate"), salt(text))


def deposit_of(journey: Journey, record: str = "record") -> Deposit:
    """Return a deposit for the first keeper epoch."""
    shares = tuple(salt(f"{record} {keeper}") for keeper in KEEPERS)
    body = DepositBody(
        RecordId(salt(record)), "emergency-summary", salt("manifest"), 1, 2, shares, salt("key"), 0, salt("deposit")
    )
    return Deposit(journey.account.address, body)


def travel() -> Journey:
    """Return a journey in which everything happened once, and one consent was given and withdrawn."""
    journey = begin()
    chain, address = journey.chain, journey.account.address
    relayer = journey.accounts["keeper-porto"].address
    deposit = deposit_of(journey)
    chain.deposit(relayer, deposit)
    grants = sorted_grants([grant("one"), grant("two")])
    chain.give(relayer, address, hash_list(grants))
    journey.access("hospital-lisboa", "PT")
    single = (grant("three"),)
    chain.give(relayer, address, hash_list(single))
    chain.withdraw(Account(keccak(b"stranger")).address, address, hash_list(single))
    journey.access("hospital-madrid", "ES", why="treatment")
    chain.end(relayer, address, chain.height)
    erasure = Erasure((deposit.body.record,), (deposit.body.manifest,), 2**40, salt("erasure"))
    chain.erase(relayer, address, erasure)
    journey.receipt("keeper-lyon", erasure, (Hash(deposit.body.record),))
    journey.receipt("store-paris", erasure, (deposit.body.manifest,))
    shown = ShownGrants(grants[:1], (hash_struct(grants[1]),))
    journey.openings += [Opening(deposit=deposit), Opening(grants=shown), Opening(erasure=erasure)]
    return journey
