# pragma version ~=0.4.3
# pragma evm-version prague
# @title Signatures
# @license Apache-2.0
# @notice Rebuilds the EIP-712 digest of a message from its struct hash, and tells who signed it or requires that a
#         journey did. Holds no storage, knows no message, and takes a signature in one form only.
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
def _signer(digest: bytes32, sig: Bytes[65]) -> address:
    """
    @notice Whose signature `sig` (r, s, v) over `digest` is; zero when no key can have made it. Reverts unless it is
            in the one form of a signature.
    """
    assert len(sig) == 65, "signature_length"
    r: uint256 = convert(slice(sig, 0, 32), uint256)
    s: uint256 = convert(slice(sig, 32, 32), uint256)
    v: uint256 = convert(slice(sig, 64, 1), uint256)
    assert s <= HALF_ORDER, "signature_high_s"
    assert v == 27 or v == 28, "signature_v"
    return ecrecover(digest, v, r, s)


@internal
@pure
def _require_signed(journey: address, digest: bytes32, sig: Bytes[65]):
    """
    @notice Revert unless `sig` is the signature of `journey` over `digest`.
    """
    signer: address = self._signer(digest, sig)
    assert signer != empty(address) and signer == journey, "signature_wrong"
