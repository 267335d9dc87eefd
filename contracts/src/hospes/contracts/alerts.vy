# pragma version ~=0.4.3
# pragma evm-version prague
# @title Alerts
# @license Apache-2.0
# @notice That an alert was raised, to which hospital and until when it must answer, when it did, and which alert went
#         to the next hospital because it did not. Knows an alert by one hash: neither the journey nor how severe it is
#         nor why stands here. Only oracles of the set in office make an alert, f + 1 of them for each.
#         Opens no record: keepers look here whether an alert that a hospital shows was raised.
# @dev PROTOCOL section 7; contracts/SPEC.md; docs/adr/0005-alerts.md.

from . import places
from . import signatures

MAX_SET: constant(uint256) = 16


struct Epoch:
    fromBlock: uint64
    threshold: uint8
    accounts: DynArray[address, MAX_SET]


interface Registry:
    def is_active_as(account: address, role: uint256) -> bool: view
    def epoch_number(role: uint256) -> uint32: view
    def epoch(role: uint256, number: uint32) -> Epoch: view


event Raised:
    alertHash: indexed(bytes32)
    addressee: indexed(address)
    deadline: uint64
    oracleEpoch: uint32
    account: address


event Acknowledged:
    alertHash: indexed(bytes32)
    addressee: indexed(address)
    late: bool


event Escalated:
    alertHash: indexed(bytes32)
    nextHash: indexed(bytes32)
    account: address


HOSPITAL: constant(uint256) = 1
ORACLE: constant(uint256) = 4

MASK: constant(uint256) = 2**64 - 1

# Seconds: a hospital that is asked has at most a day. An alert that can wait longer is none.
LONGEST: constant(uint256) = 24 * 60 * 60

ATTESTATION_TYPE: constant(bytes32) = keccak256("Attestation(bytes32 alertHash,uint32 oracleEpoch)")

# By alertHash: raisedBlock (highest 64 bits), raisedTime, acknowledgedBlock, acknowledgedTime.
words: HashMap[bytes32, uint256]
# By alertHash: addressee (highest 160 bits), deadline (64), oracleEpoch (32).
asked: public(HashMap[bytes32, uint256])
# The alert that went to the next hospital; zero while none did.
escalated_to: public(HashMap[bytes32, bytes32])


@external
def raise_alert(
    alertHash: bytes32,
    addressee: address,
    deadline: uint64,
    oracleEpoch: uint32,
    attestations: DynArray[Bytes[65], MAX_SET],
):
    """
    @notice Raise an alert, once. Only an active oracle, with the attestations of f + 1 of the oracles in office.
    @param alertHash The EIP-712 digest of the `Alert`.
    @param addressee The account of the hospital that the `Alert` names.
    @param deadline The `Alert`'s: in the future, by a day at most.
    @param attestations Signatures over the `Attestation`, in the order of their signers' addresses.
    """
    self._raise(alertHash, addressee, deadline, oracleEpoch, attestations)


@external
def acknowledge(alertHash: bytes32):
    """
    @notice Say that the alert was received and somebody sees to it, once. Only the hospital that was asked. It counts
            after the deadline too, and after the next hospital was asked: late help is help.
    """
    word: uint256 = self.words[alertHash]
    assert word != 0, "alert_unknown"
    asked: uint256 = self.asked[alertHash]
    assert convert(msg.sender, uint256) == asked >> 96, "not_addressee"
    assert self._active_as(msg.sender, HOSPITAL), "not_active_hospital"
    assert word & (2**128 - 1) == 0, "already_acknowledged"
    self.words[alertHash] = word | (block.number << 64) | block.timestamp
    log Acknowledged(alertHash=alertHash, addressee=msg.sender, late=block.timestamp > (asked >> 32) & MASK)


@external
def escalate(
    alertHash: bytes32,
    nextHash: bytes32,
    addressee: address,
    deadline: uint64,
    oracleEpoch: uint32,
    attestations: DynArray[Bytes[65], MAX_SET],
):
    """
    @notice Raise the next alert, to another hospital, because the one that was asked did not acknowledge by its
            deadline; once. It is raised as any other, with attestations of its own.
    @param alertHash The alert that was not acknowledged.
    @param nextHash The EIP-712 digest of the next `Alert`.
    @param addressee The account of the hospital that the next `Alert` names.
    """
    word: uint256 = self.words[alertHash]
    assert word != 0, "alert_unknown"
    assert word & (2**128 - 1) == 0, "already_acknowledged"
    assert self.escalated_to[alertHash] == empty(bytes32), "already_escalated"
    asked: uint256 = self.asked[alertHash]
    assert block.timestamp > (asked >> 32) & MASK, "deadline_not_over"
    assert convert(addressee, uint256) != asked >> 96, "addressee_unchanged"
    self._raise(nextHash, addressee, deadline, oracleEpoch, attestations)
    self.escalated_to[alertHash] = nextHash
    log Escalated(alertHash=alertHash, nextHash=nextHash, account=msg.sender)


@external
@view
def word(alertHash: bytes32) -> uint256:
    """
    @return raisedBlock (highest 64 bits), raisedTime, acknowledgedBlock, acknowledgedTime; zero for never.
    """
    return self.words[alertHash]


@internal
def _raise(
    alertHash: bytes32,
    addressee: address,
    deadline: uint64,
    oracleEpoch: uint32,
    attestations: DynArray[Bytes[65], MAX_SET],
):
    assert self._active_as(msg.sender, ORACLE), "not_active_oracle"
    # Zero stands for no evidence in an `Access`, and for no escalation here.
    assert alertHash != empty(bytes32), "alert_hash_zero"
    assert self.words[alertHash] == 0, "already_raised"
    assert self._active_as(addressee, HOSPITAL), "addressee_not_active_hospital"
    until: uint256 = convert(deadline, uint256)
    assert until > block.timestamp, "deadline_not_ahead"
    assert until <= block.timestamp + LONGEST, "deadline_too_far"
    self._require_attested(alertHash, oracleEpoch, attestations)
    self.words[alertHash] = (block.number << 192) | (block.timestamp << 128)
    self.asked[alertHash] = (convert(addressee, uint256) << 96) | (until << 32) | convert(oracleEpoch, uint256)
    log Raised(
        alertHash=alertHash, addressee=addressee, deadline=deadline, oracleEpoch=oracleEpoch, account=msg.sender
    )


@internal
@view
def _require_attested(alertHash: bytes32, oracleEpoch: uint32, attestations: DynArray[Bytes[65], MAX_SET]):
    """
    @notice PROTOCOL: "at least f + 1 distinct oracles of the epoch"; the registry's threshold of oracles is f + 1.
            One attestation that does not count makes the call fail: whoever sends it has checked them.
    """
    # Before the first oracles are in office, epoch 0 has no oracles and a threshold of none.
    assert oracleEpoch != 0, "oracle_epoch_not_in_office"
    assert oracleEpoch == staticcall Registry(places.REGISTRY).epoch_number(ORACLE), "oracle_epoch_not_in_office"
    epoch: Epoch = staticcall Registry(places.REGISTRY).epoch(ORACLE, oracleEpoch)
    assert len(attestations) >= convert(epoch.threshold, uint256), "attestations_missing"
    digest: bytes32 = signatures._digest(keccak256(abi_encode(ATTESTATION_TYPE, alertHash, oracleEpoch)))
    last: uint256 = 0
    for attestation: Bytes[65] in attestations:
        signer: address = signatures._signer(digest, attestation)
        assert signer in epoch.accounts, "attester_not_in_office"
        assert convert(signer, uint256) > last, "attesters_not_in_order"
        # A set keeps a member that was suspended since, until members vote on the next one.
        assert self._active_as(signer, ORACLE), "attester_not_active"
        last = convert(signer, uint256)


@internal
@view
def _active_as(account: address, role: uint256) -> bool:
    return staticcall Registry(places.REGISTRY).is_active_as(account, role)
