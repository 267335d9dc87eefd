# pragma version ~=0.4.3
# pragma evm-version prague
# @title Access log
# @license Apache-2.0
# @notice Every access, give, withdrawal, ending, erasure and deposit of a journey is one numbered entry, and the
#         journey's entries form a chain of hashes whose head stands in storage. Nothing is ever removed or changed.
#         Does not know who may read what: it records, it does not decide.
# @dev PROTOCOL section 2, "Log"; contracts/SPEC.md.

from . import places
from . import signatures


interface Registry:
    def is_active_as(account: address, role: uint256) -> bool: view


event Entry:
    journey: indexed(address)
    number: indexed(uint64)
    kind: uint8
    account: address
    entryHash: bytes32
    time: uint64


HOSPITAL: constant(uint256) = 1

ACCESS: constant(uint8) = 1
GIVEN: constant(uint8) = 2
ENDED: constant(uint8) = 4
ERASED: constant(uint8) = 5
DEPOSITED: constant(uint8) = 6

JOURNEY_LABEL: constant(bytes32) = keccak256("Hospes journey 1")

DEPOSIT_TYPE: constant(bytes32) = keccak256(
    "Deposit(address journey,DepositBody body)DepositBody(bytes32 record,string what,bytes32 manifest,uint32 keeperEpoch,uint8 threshold,bytes32[] shareHashes,bytes32 keyCheck,uint64 depositedAt,bytes32 salt)"
)
ERASURE_TYPE: constant(bytes32) = keccak256(
    "Erasure(bytes32[] records,bytes32[] digests,uint64 deadline,bytes32 salt)"
)

# Zero before a journey's first entry; then the hash over all of its entries.
head: public(HashMap[address, bytes32])
# How many entries a journey has; the number of its last one.
count: public(HashMap[address, uint64])
# The digests of deposits and erasures that a journey's log has taken.
accepted: public(HashMap[address, HashMap[bytes32, bool]])


@external
def append(journey: address, accessHash: bytes32):
    """
    @notice Log an access. Only by the account of an active hospital.
    @param accessHash The EIP-712 digest of the `Access`.
    """
    assert staticcall Registry(places.REGISTRY).is_active_as(msg.sender, HOSPITAL), "not_active_hospital"
    self._add(journey, ACCESS, msg.sender, accessHash)


@external
def deposit(journey: address, bodyHash: bytes32, sig: Bytes[65]):
    """
    @notice Log a deposit that the journey signed. Anybody may bring it, once.
    @param bodyHash The struct hash of the `DepositBody`.
    @param sig The journey's signature over the `Deposit`.
    """
    digest: bytes32 = signatures._digest(keccak256(abi_encode(DEPOSIT_TYPE, journey, bodyHash)))
    self._accept(journey, digest, sig)
    self._add(journey, DEPOSITED, msg.sender, digest)


@external
def erase(
    journey: address,
    recordsHash: bytes32,
    digestsHash: bytes32,
    deadline: uint64,
    salt: bytes32,
    sig: Bytes[65],
):
    """
    @notice Log an erasure that the journey signed, not later than its deadline. Anybody may bring it, once.
    @param recordsHash The hash of the array of records of the `Erasure`.
    @param digestsHash The hash of its array of digests of blocks.
    @param sig The journey's signature over the `Erasure`.
    """
    assert block.timestamp <= convert(deadline, uint256), "deadline_passed"
    digest: bytes32 = signatures._digest(
        keccak256(abi_encode(ERASURE_TYPE, recordsHash, digestsHash, deadline, salt))
    )
    self._accept(journey, digest, sig)
    self._add(journey, ERASED, msg.sender, digest)


@external
def record(journey: address, kind: uint8, account: address, entryHash: bytes32):
    """
    @notice Log a consent given, withdrawn or ended. Only by the consent contract, which checked the signature.
    @param account The sender of the call that the consent contract received.
    """
    assert msg.sender == places.CONSENT, "not_consent_contract"
    assert GIVEN <= kind and kind <= ENDED, "kind_not_of_consent"
    self._add(journey, kind, account, entryHash)


@internal
def _accept(journey: address, digest: bytes32, sig: Bytes[65]):
    """
    @notice Require the journey's signature and take the digest, which a journey's log does once.
    """
    signatures._require_signed(journey, digest, sig)
    assert not self.accepted[journey][digest], "already_logged"
    self.accepted[journey][digest] = True


@internal
def _add(journey: address, kind: uint8, account: address, entryHash: bytes32):
    """
    @notice Give the entry its number, fold it into the head, and tell.
    """
    number: uint64 = self.count[journey] + 1
    head: bytes32 = self.head[journey]
    if number == 1:
        head = keccak256(abi_encode(JOURNEY_LABEL, chain.id, self, journey))
    time: uint64 = convert(block.timestamp, uint64)
    self.head[journey] = keccak256(
        abi_encode(head, kind, number, account, entryHash, convert(block.number, uint64), time)
    )
    self.count[journey] = number
    log Entry(journey=journey, number=number, kind=kind, account=account, entryHash=entryHash, time=time)
