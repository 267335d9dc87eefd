# pragma version ~=0.4.3
# pragma evm-version prague
# @title Consent
# @license Apache-2.0
# @notice When a journey gave and withdrew each of its consents, and up to which block it ended all of them. Knows a
#         consent by one hash; what it grants, to whom and until when is shown to keepers only, and decided by them.
#         No member and no vote can give, withdraw or keep alive a consent: only the journey's signature does.
# @dev PROTOCOL section 2, "Consent word"; contracts/SPEC.md.

from . import places
from . import signatures


interface AccessLog:
    def record(journey: address, kind: uint8, account: address, entryHash: bytes32): nonpayable


event Withdrawn:
    journey: indexed(address)
    grantsHash: indexed(bytes32)
    live: bool


GIVEN: constant(uint8) = 2
WITHDRAWN: constant(uint8) = 3
ENDED: constant(uint8) = 4

MASK: constant(uint256) = 2**64 - 1

CONSENT_TYPE: constant(bytes32) = keccak256(
    "Consent(Grant[] grants,uint64 deadline)Grant(string who,string[] what,string[] why,string[] where,uint64 notBefore,uint64 notAfter,bytes32 gate,bytes32 salt)"
)
WITHDRAWAL_TYPE: constant(bytes32) = keccak256(
    "Withdrawal(Grant[] grants)Grant(string who,string[] what,string[] why,string[] where,uint64 notBefore,uint64 notAfter,bytes32 gate,bytes32 salt)"
)
ENDING_TYPE: constant(bytes32) = keccak256("Ending(uint64 through)")

# By journey and grantsHash: givenBlock (highest 64 bits), givenTime, withdrawnBlock, withdrawnTime.
words: HashMap[address, HashMap[bytes32, uint256]]
# The journey has ended every consent given in a block up to this one.
through: public(HashMap[address, uint64])


@external
def give(journey: address, grantsHash: bytes32, deadline: uint64, sig: Bytes[65]):
    """
    @notice Give a consent. Anybody may bring it, once, not later than its deadline.
    @param grantsHash The hash of the array of grants of the `Consent`.
    @param sig The journey's signature over the `Consent`.
    """
    assert block.timestamp <= convert(deadline, uint256), "deadline_passed"
    signatures._require_signed(
        journey, signatures._digest(keccak256(abi_encode(CONSENT_TYPE, grantsHash, deadline))), sig
    )
    word: uint256 = self.words[journey][grantsHash]
    assert word >> 192 == 0, "already_given"
    assert word == 0, "already_withdrawn"
    assert block.number > convert(self.through[journey], uint256), "ended"
    self.words[journey][grantsHash] = (block.number << 192) | (block.timestamp << 128)
    extcall AccessLog(places.ACCESS_LOG).record(journey, GIVEN, msg.sender, grantsHash)


@external
def withdraw(journey: address, grantsHash: bytes32, sig: Bytes[65]):
    """
    @notice Withdraw a consent, or void one that was not given yet. Anybody may bring it, once.
    @param sig The journey's signature over the `Withdrawal`.
    """
    signatures._require_signed(
        journey, signatures._digest(keccak256(abi_encode(WITHDRAWAL_TYPE, grantsHash))), sig
    )
    word: uint256 = self.words[journey][grantsHash]
    assert word & (2**128 - 1) == 0, "already_withdrawn"
    self.words[journey][grantsHash] = word | (block.number << 64) | block.timestamp
    log Withdrawn(
        journey=journey,
        grantsHash=grantsHash,
        live=word >> 192 > convert(self.through[journey], uint256),
    )
    extcall AccessLog(places.ACCESS_LOG).record(journey, WITHDRAWN, msg.sender, grantsHash)


@external
def end(journey: address, through: uint64, sig: Bytes[65]):
    """
    @notice End every consent given in a block up to `through`, which must grow. Anybody may bring it.
    @param sig The journey's signature over the `Ending`.
    """
    signatures._require_signed(
        journey, signatures._digest(keccak256(abi_encode(ENDING_TYPE, through))), sig
    )
    assert through > self.through[journey], "through_not_growing"
    self.through[journey] = through
    extcall AccessLog(places.ACCESS_LOG).record(journey, ENDED, msg.sender, convert(through, bytes32))


@external
@view
def word(journey: address, grantsHash: bytes32) -> uint256:
    """
    @return givenBlock (highest 64 bits), givenTime, withdrawnBlock, withdrawnTime; zero for never.
    """
    return self.words[journey][grantsHash]


@external
@view
def is_live(journey: address, grantsHash: bytes32) -> bool:
    """
    @notice Whether the consent was given and neither withdrawn nor ended. Its grants have their own times.
    """
    word: uint256 = self.words[journey][grantsHash]
    return word & MASK == 0 and word >> 192 > convert(self.through[journey], uint256)


@external
@view
def eip712Domain() -> (bytes1, String[6], String[1], uint256, address, bytes32, DynArray[uint256, 1]):
    """
    @notice The signing domain, for wallets (EIP-5267).
    """
    return (
        0x0f, signatures.NAME, signatures.VERSION, chain.id, places.CONSENT, empty(bytes32), empty(DynArray[uint256, 1])
    )
