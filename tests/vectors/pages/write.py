"""Write what the pages' TypeScript is compared with: each file says what the Python code made of which values.

    python -m tests.vectors.pages.write

Everything but boxes and proofs comes from a fixed seed, so that a test can make it again and compare. Boxes hold a
fresh key, proofs come from a real ledger that is founded for them.
"""

import asyncio
import dataclasses
import json
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hospes.clients.wallet.phrases import PAGES
from hospes.clients.wallet.secret import create_secret
from hospes.clients.wallet.sentences import Setting, sentences
from hospes.contracts import calls, storage
from hospes.contracts.addresses import ACCESS_LOG, CONSENT, REGISTRY
from hospes.core import bodies, boxes, content_ids, messages, wire
from hospes.core.boxes import BoxSecret
from hospes.core.cards import Card
from hospes.core.chain import Entry, EntryKind, Role, first_head, fold, seal_digest
from hospes.core.errors import HospesError
from hospes.core.identities import ZERO_HASH, Account, Address, Country, Hash, MemberId, RecordId, keccak, to_hex
from hospes.core.journeys import derive
from hospes.core.messages import CLASSES, PURPOSES, Consent, Deposit, DepositBody, Grant, sorted_grants
from hospes.core.proof import verify_storage
from hospes.core.sealing import RecordContext, padded_size, seal_record
from hospes.core.shares import split
from hospes.core.typed_data import Domain, Message, digest, hash_struct
from tests.simulators.world import START, World

HERE = Path(__file__).parent
PHRASES = HERE.parents[2] / "clients" / "pages" / "src" / "protocol" / "phrases.json"
SEED = 20_261_125
EACH = 8
"""Random messages of each type."""
CHEAP = 1 << 10
"""scrypt's N of the sealed secret: a test need not be slow to guess."""


class Values:
    """Random values that the protocol allows, the same for the same seed."""

    def __init__(self, seed: int = SEED) -> None:
        self.random = random.Random(seed)

    def bytes(self, size: int) -> bytes:
        return self.random.randbytes(size)

    def hash(self) -> Hash:
        return Hash(self.bytes(32))

    def address(self) -> Address:
        return Address(self.bytes(20))

    def uint(self, bits: int = 64) -> int:
        return self.random.choice((0, 1, (1 << bits) - 1, self.random.getrandbits(bits), self.random.getrandbits(8)))

    def hashes(self, most: int) -> tuple[Hash, ...]:
        return tuple(sorted(self.hash() for _ in range(self.random.randint(1, most))))

    def member(self) -> MemberId:
        letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
        return MemberId("".join(self.random.choice(letters) for _ in range(self.random.randint(1, 31))))

    def country(self) -> Country:
        return Country("".join(self.random.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(2)))

    def some(self, words: Any) -> tuple[str, ...]:
        chosen = self.random.sample(list(words), self.random.randint(1, min(3, len(words))))
        return tuple(sorted(chosen))

    def name(self) -> str:
        return self.random.choice(("Dr. Ana Sá", "医生 王", "Nurse O'Neill \"Pat\"", "Łukasz", "\U0001f3e5 ward 3"))

    def grant(self) -> Grant:
        begin, end = sorted((self.uint(), self.random.getrandbits(64)))
        gate = self.random.choice((ZERO_HASH, self.hash()))
        who = self.random.choice((f"member:{self.member()}", f"country:{self.country()}", "hospital:*"))
        gate = self.hash() if who == "hospital:*" else gate
        where = tuple(sorted({self.country() for _ in range(self.random.randint(1, 4))}))
        what, why = self.some(CLASSES), self.some(PURPOSES)
        return Grant(who, what, why, where, begin, end + (begin == end), gate, self.hash())

    def grants(self) -> tuple[Grant, ...]:
        return sorted_grants(self.grant() for _ in range(self.random.randint(1, 4)))

    def body(self) -> DepositBody:
        shares = tuple(self.hash() for _ in range(self.random.randint(1, 16)))
        what, threshold = self.random.choice(list(CLASSES)), self.random.randint(1, len(shares))
        record, manifest = RecordId(self.bytes(32)), self.hash()
        return DepositBody(
            record, what, manifest, self.uint(32), threshold, shares, self.hash(), self.uint(), self.hash()
        )

    def access(self) -> messages.Access:
        what, why = self.some(CLASSES), self.random.choice(PURPOSES)
        key = b"\0\x20" + self.bytes(32)
        where, evidence = self.country(), self.random.choice((ZERO_HASH, self.hash()))
        return messages.Access(
            *(self.address(), self.member(), self.name(), what, why, where, key, evidence, self.uint(), self.hash())
        )

    def messages(self) -> dict[type[Message], Callable[[], Message]]:
        """Return what draws a message of each type."""
        m, h, a, u = messages, self.hash, self.address, self.uint

        def records() -> tuple[RecordId, ...]:
            return tuple(map(RecordId, self.hashes(3)))

        return {
            m.Grant: self.grant,
            m.Consent: lambda: m.Consent(self.grants(), u()),
            m.Withdrawal: lambda: m.Withdrawal(self.grants()),
            m.Ending: lambda: m.Ending(u()),
            m.Access: self.access,
            m.DepositBody: self.body,
            m.Deposit: lambda: m.Deposit(a(), self.body()),
            m.Accepted: lambda: m.Accepted(h()),
            m.Answer: lambda: m.Answer(h(), u(), h(), h()),
            m.Blocks: lambda: m.Blocks(self.hashes(4), u(), h()),
            m.Erasure: lambda: m.Erasure(records(), self.hashes(3), u(), h()),
            m.Receipt: lambda: m.Receipt(h(), self.random.choice(((), self.hashes(3))), u()),
            m.Inquiry: lambda: m.Inquiry(a(), a(), u(), u()),
            m.Fetch: lambda: m.Fetch(h(), a(), u()),
            m.Mailbox: lambda: m.Mailbox(a(), self.bytes(34)),
            m.Issued: lambda: m.Issued(self.member(), self.random.choice(list(CLASSES)), h(), u()),
            m.Alert: lambda: m.Alert(a(), self.member(), self.random.randint(1, 3), u(), u(), h(), h()),
            m.Attestation: lambda: m.Attestation(h(), u(32)),
        }


def tree(value: Any) -> Any:
    """Return a dataclass as the JSON that crosses the wire."""
    return json.loads(wire.encode(value))


def typed_data() -> Any:
    """Digests and signatures of random messages of every type."""
    values = Values()
    domain = Domain(0x486F73706573, Address(b"Hospes" + bytes(13) + b"\x02"))
    account = Account(values.bytes(32))
    cases = []
    for cls, draw in values.messages().items():
        for _ in range(EACH):
            message = draw()
            signed = digest(domain, message)
            cases.append({
                "type": cls.__name__,
                "message": tree(message),
                "struct": to_hex(hash_struct(message)),
                "digest": to_hex(signed),
                "signature": to_hex(account.sign(signed)),
            })
    return {
        "domain": {"chainId": str(domain.chain_id), "verifyingContract": to_hex(domain.verifying_contract)},
        "secret": to_hex(account.secret),
        "address": to_hex(account.address),
        "separator": to_hex(domain.separator()),
        "messages": cases,
        "grantsHashes": [
            {"grants": [tree(grant) for grant in grants], "hash": to_hex(Consent(grants, 0).grants_hash)}
            for grants in (values.grants() for _ in range(EACH))
        ],
    }


def refused() -> Any:
    """Messages that the protocol forbids, with where and why."""
    values = Values(SEED + 1)
    good = {cls.__name__: tree(draw()) for cls, draw in values.messages().items()}
    grant = good["Grant"]
    changes: list[tuple[str, dict[str, Any]]] = [
        ("Grant", {"who": "hospital:*", "gate": to_hex(ZERO_HASH)}),
        ("Grant", {"who": "member:UPPER"}),
        ("Grant", {"who": "carer:0x" + "00" * 20}),
        ("Grant", {"who": "anybody"}),
        ("Grant", {"what": []}),
        ("Grant", {"what": ["patient-summary", "emergency-summary"]}),
        ("Grant", {"what": ["medication", "medication"]}),
        ("Grant", {"what": ["everything"]}),
        ("Grant", {"why": ["curiosity"]}),
        ("Grant", {"where": ["pt"]}),
        ("Grant", {"where": ["PT", "ES"]}),
        ("Grant", {"notBefore": "5", "notAfter": "5"}),
        ("Grant", {"notAfter": str(1 << 64)}),
        ("Grant", {"notAfter": 5}),
        ("Grant", {"notAfter": "05"}),
        ("Grant", {"notAfter": "-1"}),
        ("Grant", {"salt": "0x" + "00" * 31}),
        ("Grant", {"salt": "0x" + "AA" * 32}),
        ("Grant", {"who": "\ud800"}),
        ("Grant", {"unknown": "x"}),
        ("Consent", {"grants": []}),
        ("Consent", {"grants": [grant, grant]}),
        ("Consent", {"grants": [tree(g) for g in sorted_grants([values.grant(), values.grant()])][::-1]}),
        ("Access", {"practitioner": ""}),
        ("Access", {"practitioner": "two\nlines"}),
        ("Access", {"practitioner": "a" * 257}),
        ("Access", {"practitioner": "right\u202eleft"}),
        ("Access", {"practitioner": "thin\u2009space"}),
        ("Access", {"why": "self"}),
        ("DepositBody", {"threshold": "0"}),
        ("DepositBody", {"threshold": "17"}),
        ("DepositBody", {"shareHashes": [to_hex(values.hash()) for _ in range(17)], "threshold": "1"}),
        ("DepositBody", {"keeperEpoch": str(1 << 32)}),
        ("Blocks", {"digests": [to_hex(h) for h in sorted(values.hash() for _ in range(65))]}),
        ("Issued", {"issuer": ""}),
    ]
    cases = []
    for name, change in changes:
        text = json.dumps(good[name] | change)
        try:
            wire.decode(getattr(messages, name), text.encode())
        except HospesError:
            cases.append({"type": name, "text": text})
        else:
            raise AssertionError((name, change))
    for text in ('{"through":"1","through":"1"}', '{"through":"1"} x', "{", "[]", '{"through":"1",}', '{"through":NaN}'):
        cases.append({"type": "Ending", "text": text})
    return cases


def journeys() -> Any:
    """Keys of journeys, and a secret sealed under a passphrase."""
    values = Values()
    cases = []
    for index in (0, 1, 2, 77, (1 << 32) - 1):
        root, chain_id = values.bytes(32), values.random.choice((0x486F73706573, 1 << 40))
        keys = derive(root, chain_id, index)
        cases.append({
            "root": to_hex(root),
            "chainId": str(chain_id),
            "index": index,
            "address": to_hex(keys.address),
            "noticeKey": to_hex(keys.notice.public),
        })
    passphrase = "uma frase \u00e7om a\u0301cento \ufb01m"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "secret"
        secret = create_secret(path, passphrase, values.bytes, CHEAP)
        file = json.loads(path.read_bytes())
    first = secret.journey(1 << 40, 0).address
    sealed = {"passphrase": passphrase, "file": file, "journey": to_hex(first), "bookKey": to_hex(secret.book_key())}
    return {"journeys": cases, "secret": sealed | {"chainId": str(1 << 40)}}


def cards() -> Any:
    """Cards as text, as people type them, and what is refused."""
    values = Values()
    cases = []
    for chain_id in (0x486F73706573, (1 << 52) - 1, 1 << 32):
        card = Card(chain_id, values.address(), values.bytes(16))
        text = card.encode()
        typed = [text, text.lower(), text.replace(" ", "-"), text.replace("O", "0").replace("I", "1").replace("B", "8")]
        cases.append({
            "chainId": str(chain_id),
            "journey": to_hex(card.journey),
            "gateSecret": to_hex(card.gate_secret),
            "gate": to_hex(card.gate),
            "text": text,
            "typed": typed,
        })
    text = str(cases[0]["text"])
    swapped = text[:-1] + ("A" if text[-1] != "A" else "B")
    refused_cards = [text[:-1], text + "A", swapped, text.replace(text[8], "9", 1), "", "A" * 79]
    return {"cards": cases, "refused": refused_cards}


def shares() -> Any:
    """Shares of keys, with the randomness that they were made with."""
    values = Values()
    cases = []
    for threshold, count in ((1, 1), (2, 3), (4, 7), (16, 16), (3, 255)):
        key = values.bytes(32)
        drawn: list[bytes] = []

        def entropy(size: int, drawn: list[bytes] = drawn) -> bytes:
            drawn.append(values.bytes(size))
            return drawn[-1]

        made = split(key, threshold, count, entropy)
        cases.append({
            "key": to_hex(key),
            "threshold": threshold,
            "count": count,
            "entropy": [to_hex(one) for one in drawn],
            "shares": [to_hex(share) for share in made],
        })
    return cases


def sealing() -> Any:
    """Sealed records: the same key and document give the same blocks."""
    values = Values()
    cases = []
    for length, what in ((1, "medication"), (9, "laboratory"), (1000, "patient-summary"), (2_100_000, "imaging")):
        context = RecordContext(values.address(), RecordId(values.bytes(32)), what)
        key, unit = values.bytes(32), values.bytes(64)
        document = (unit * (length // len(unit) + 1))[:length]
        sealed = seal_record(context, key, document, "application/fhir+json")
        cases.append({
            "journey": to_hex(context.journey),
            "record": to_hex(context.record),
            "what": what,
            "key": to_hex(key),
            "unit": to_hex(unit),
            "length": length,
            "mediaType": "application/fhir+json",
            "cids": [content_ids.encode(content_ids.digest_of(block)) for block in sealed.blocks],
            "manifest": to_hex(sealed.manifest),
            "manifestDigest": to_hex(sealed.manifest_digest),
            "keyCheck": to_hex(sealed.key_check),
        })
    sizes = [*range(1, 70), 255, 256, 257, 1000, 4095, 65_537, 100_000, 1_048_561, 123_456_789]
    return {"records": cases, "padded": [[size, padded_size(size)] for size in sizes]}


def told() -> Any:
    """Consents in words, in each language of the pages."""
    values = Values()
    cases = []
    for number in range(24):
        consent = Consent(values.grants(), values.random.choice((0, 61, values.uint(40), values.uint())))
        names = [grant.who.removeprefix("member:") for grant in consent.grants if grant.who.startswith("member:")]
        members = {MemberId(name): Country(values.random.choice(("PT", "ES", "ZZ"))) for name in names[:2]}
        gate = values.random.choice([grant.gate for grant in consent.grants])
        for language, phrases in PAGES.items():
            setting = Setting(gate, members, number % 2 == 0, phrases)
            cases.append({
                "language": language,
                "consent": tree(consent),
                "gate": to_hex(gate),
                "members": members,
                "standing": number % 2 == 0,
                "paragraphs": [{"title": p.title, "sentences": p.sentences} for p in sentences(consent, setting)],
            })
    return cases


def shown() -> Any:
    """Grants shown without their siblings, as a hospital gets them."""
    values, cases = Values(), []
    for _ in range(EACH):
        consent = Consent(values.grants(), values.uint())
        grant = consent.grants[-1]
        file = bodies.GrantFile(values.address(), bodies.ShownGrant.of(consent, grant))
        cases.append({"consent": tree(consent), "file": wire.encode(file).decode(), "hash": to_hex(consent.grants_hash)})
    return cases


def entries() -> Any:
    """Logs and the heads that they fold to."""
    values, cases = Values(), []
    for count in (0, 1, 5):
        journey, log = values.address(), values.address()
        made = [
            Entry(journey, n, values.random.choice(list(EntryKind)), values.address(), values.hash(), n, 100 + n)
            for n in range(1, count + 1)
        ]
        head = fold(first_head(1 << 40, log, journey), 0, made)
        cases.append({
            "chainId": str(1 << 40),
            "journey": to_hex(journey),
            "log": to_hex(log),
            "head": to_hex(head),
            "entries": [tree(entry) for entry in made],
        })
    return cases


def slots() -> Any:
    """Where values stand in the contracts' storage."""
    values = Values()
    journey, account, name = values.address(), values.address(), values.member()
    places, epoch = storage.service_slots(account, 3), storage.epoch_slots(Role.KEEPER, 2)
    return {
        "journey": to_hex(journey),
        "account": to_hex(account),
        "name": name,
        "logHead": hex(storage.log_head_slot(journey)),
        "logCount": hex(storage.log_count_slot(journey)),
        "memberId": hex(storage.member_id_slot(account)),
        "memberWord": hex(storage.member_word_slot(account)),
        "account_": hex(storage.account_slot(name)),
        "members": hex(storage.members_slot()),
        "serviceCount": hex(storage.service_count_slot(account)),
        "service3": [hex(place) for place in (places.from_block, places.url, places.box_key)],
        "epochNumber": hex(storage.epoch_number_slot(Role.KEEPER)),
        "epoch2": [hex(place) for place in (epoch.from_block, epoch.threshold, epoch.accounts)],
    }


def phrases() -> Any:
    """The words of the pages, which TypeScript imports: Python is where they are written."""
    return {language: dataclasses.asdict(words) for language, words in PAGES.items()}


def sealed_boxes() -> Any:
    """Boxes that Python sealed, one of each purpose, to a secret that the reader is told."""
    values = Values()
    domain, secret = Domain(1 << 40, values.address()), BoxSecret(values.bytes(32))
    a, b, h = values.address(), values.address(), values.hash()
    infos = {
        "deposit": boxes.deposit_info(domain, h, a),
        "standing": boxes.standing_info(domain, a, b),
        "request": boxes.request_info(domain, b),
        "answer": boxes.answer_info(domain, a, 7, h, b),
        "notice": boxes.notice_info(domain, a, 7),
        "alert": boxes.alert_info(domain, h, b),
    }
    return {
        "domain": {"chainId": str(domain.chain_id), "verifyingContract": to_hex(domain.verifying_contract)},
        "secret": to_hex(secret.secret),
        "public": to_hex(secret.public),
        "journey": to_hex(a),
        "keeper": to_hex(b),
        "hash": to_hex(h),
        "boxes": [
            {"purpose": name, "info": to_hex(info), "plain": to_hex(plain), "box": to_hex(boxes.seal(secret.public, info, plain))}
            for name, info in infos.items()
            for plain in (b"", b"plain " + name.encode(), values.bytes(5000))
        ],
    }


async def proofs(directory: Path) -> Any:
    """A real chain: its genesis, seals, headers, and storage proofs, with what the Python reader made of them."""
    world = World(directory)
    try:
        journey, stranger = Address(b"j" * 20), Address(b"s" * 20)
        for number in range(3):
            await world.append(journey, keccak(bytes([number])))
        node, reader = world.node(), world.reader()
        tip = await reader.tip()
        header, seal = await node.finality(tip.number)
        everybody = await reader.everybody(tip)
        epoch = await reader.epoch(tip)
        journal = await reader.journal(journey, tip)
        readings: dict[str, list[Any]] = {
            to_hex(REGISTRY): [storage.members(), storage.current_epoch(Role.KEEPER)]
            + [storage.member(member.account, tip.number) for member in everybody]
            + [storage.account_of(member.id) for member in everybody],
            to_hex(ACCESS_LOG): [storage.log_state(j, world.genesis.chain_id) for j in (journey, stranger)],
            to_hex(CONSENT): [storage.consent_word(journey, keccak(b"never given"))],
        }
        accounts = []
        for contract, wanted in readings.items():
            found: set[int] = set()
            for reading in wanted:
                await _collect(world, bytes.fromhex(contract[2:]), reading, tip.number, found)
            proof = await node.proof(Address(bytes.fromhex(contract[2:])), sorted(found), tip.number)
            values = (await _values(node, Address(bytes.fromhex(contract[2:])), sorted(found), reader, tip))
            accounts.append(_proof_tree(proof, values))
        other = Account(b"\x05" * 32)
        return {
            "genesis": world.genesis.encode().decode(),
            "pin": to_hex(world.genesis.pin()),
            "genesisHash": to_hex(world.genesis.block_hash),
            "tip": {"header": to_hex(header), "seal": to_hex(seal), "number": str(tip.number), "time": str(tip.time)},
            "stateRoot": to_hex(tip.header.state_root),
            "forgedSeal": to_hex(other.sign(seal_digest(world.genesis.chain_id, tip.hash))),
            "otherNetworkSeal": to_hex(other.sign(seal_digest(1 << 41, tip.hash))),
            "headers": [to_hex(one) for one in await node.headers(1, tip.number)],
            "accounts": accounts,
            "journey": to_hex(journey),
            "stranger": to_hex(stranger),
            "members": [tree(_told_member(member)) for member in everybody],
            "epoch": tree(epoch),
            "entries": [tree(entry) for entry in journal.entries],
            "head": to_hex(journal.head),
            "logs": [
                {"topics": [to_hex(t) for t in log.topics], "data": to_hex(log.data), "block": str(log.block)}
                for log in await node.logs(ACCESS_LOG, [], 0, tip.number)
            ],
        }
    finally:
        world.close()


@dataclasses.dataclass(frozen=True)
class _ToldMember:
    account: Address
    id: str
    roles: int
    country: str
    admitted_block: int
    suspended_block: int
    service: str
    box_key: bytes


def _told_member(member: Any) -> _ToldMember:
    word = member.word
    numbers = int(word.roles), word.country, word.admitted_block, word.suspended_block
    return _ToldMember(member.account, member.id, *numbers, member.service, member.box_key)


async def _collect(world: World, contract: bytes, reading: Any, block: int, found: set[int]) -> None:
    """Run a reading, remembering every slot that it asks for."""
    values: Any = None
    reader = world.reader()
    tip = await reader.tip()
    assert tip.number == block
    while True:
        try:
            wanted = next(reading) if values is None else reading.send(values)
        except StopIteration:
            return
        found.update(wanted)
        values = await _values(world.node(), Address(contract), sorted(wanted), reader, tip)


async def _values(node: Any, contract: Address, wanted: list[int], reader: Any, tip: Any) -> dict[int, int]:
    return dict(verify_storage(tip, await node.proof(contract, wanted, tip.number), wanted).values) if wanted else {}


def _proof_tree(proof: Any, values: dict[int, int]) -> Any:
    return {
        "address": to_hex(proof.address),
        "nodes": [to_hex(node) for node in proof.nodes],
        "slots": [
            {"slot": hex(slot.slot), "value": hex(values[slot.slot]), "nodes": [to_hex(node) for node in slot.nodes]}
            for slot in proof.slots
        ],
    }


SEEDED: dict[str, Callable[[], Any]] = {
    "typed-data": typed_data,
    "refused": refused,
    "journeys": journeys,
    "cards": cards,
    "shares": shares,
    "sealing": sealing,
    "sentences": told,
    "grant-files": shown,
    "entries": entries,
    "slots": slots,
}


def text_of(value: Any) -> str:
    """Return a file's text."""
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"


def main() -> None:
    """Write all files."""
    for name, make in SEEDED.items():
        (HERE / f"{name}.json").write_text(text_of(make()))
    PHRASES.write_text(json.dumps(phrases(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (HERE / "boxes.json").write_text(text_of(sealed_boxes()))
    with tempfile.TemporaryDirectory() as folder:
        (HERE / "proofs.json").write_text(text_of(asyncio.run(proofs(Path(folder)))))


if __name__ == "__main__":
    main()
