"""The embedded ledger: py-evm under Prague rules, one authority, blocks durable with their seals in one transaction.

The authority is trusted: it could seal what is false, and every screen says so. Members, keepers and auditors verify
its seals and proofs against a pinned genesis with `hospes.core.proof`; nothing here is believed by anybody.
"""

import os

# py-evm hashes all the time; pysha3 needs a quarter of the time of the backend that eth-hash would choose by itself.
# The choice is made at the first hash of the process, so this must come before every other import.
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")

from hospes.nodes.ledger.chain import Chain
from hospes.nodes.ledger.directory import open_chain
from hospes.nodes.ledger.engine import Engine
from hospes.nodes.ledger.fork import copy_ledger
from hospes.nodes.ledger.genesis import make_genesis
from hospes.nodes.ledger.ingress import Anybody, MembersOnly, Policy
from hospes.nodes.ledger.rpc import Rpc
from hospes.nodes.ledger.sealer import Sealer

__all__ = [
    "Anybody",
    "Chain",
    "Engine",
    "MembersOnly",
    "Policy",
    "Rpc",
    "Sealer",
    "copy_ledger",
    "make_genesis",
    "open_chain",
]
