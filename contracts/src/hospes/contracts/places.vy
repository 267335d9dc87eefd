# pragma version ~=0.4.3
# pragma evm-version prague
# @title Where the four contracts stand
# @license Apache-2.0
# @notice The addresses that every genesis of Hospes gives to its contracts: "Hospes" in ASCII, zeros, a number.
#         They are constants, so the runtime code is the same on every network. Holds no code and no storage.

REGISTRY: constant(address) = 0x486f737065730000000000000000000000000001
CONSENT: constant(address) = 0x486f737065730000000000000000000000000002
ACCESS_LOG: constant(address) = 0x486f737065730000000000000000000000000003
# In the spelling that carries its checksum (EIP-55); those above have no capital letter in theirs.
ALERTS: constant(address) = 0x486F737065730000000000000000000000000004
