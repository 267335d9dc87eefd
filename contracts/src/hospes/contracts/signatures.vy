# pragma version ~=0.4.3
# pragma evm-version prague
# @title The signature of a journey
# @license Apache-2.0
# @notice Rebuilds the EIP-712 digest of a message from its struct hash and requires that the journey signed it.
#         Holds no storage, knows no message, and has no way to say that a signature is somebody else's.
# @dev Sources: EIP-712, EIP-2 (low s), PROTOCOL section 1.

from . import places

DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
NAME: constant(String[6]) = "Hospes"
VERSION: constant(String[1]) = "1"
NAME_HASH: constant(bytes32) = keccak256("Hospes")
VERSION_HASH: constant(bytes32) = keccak256("1")

# Half the order of secp256k1, rounded down (SEC 2 version 2.0, section 2.4.1).
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168


@internal
@view
def _digest(structHash: bytes32) -> bytes32:
    """
    @notice The digest that is signed, on this chain and for the consent contract.
    """
    separator: bytes32 = keccak256(abi_encode(DOMAIN_TYPE, NAME_HASH, VERSION_HASH, chain.id, places.CONSENT))
    return keccak256(concat(b"\x19\x01", separator, structHash))


@internal
@pure
def _require_signed(journey: address, digest: bytes32, sig: Bytes[65]):
    """
    @notice Revert unless `sig` (r, s, v) is the one signature form of `journey` over `digest`.
    """
    assert len(sig) == 65, "signature_length"
    r: uint256 = convert(slice(sig, 0, 32), uint256)
    s: uint256 = convert(slice(sig, 32, 32), uint256)
    v: uint256 = convert(slice(sig, 64, 1), uint256)
    assert s <= HALF_ORDER, "signature_high_s"
    assert v == 27 or v == 28, "signature_v"
    signer: address = ecrecover(digest, v, r, s)
    assert signer != empty(address) and signer == journey, "signature_wrong"
