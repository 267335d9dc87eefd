"""Proofs: which blocks are final, and what their state says, checked against a pinned genesis alone.

`headers` reads and seals, `trie` walks Merkle-Patricia nodes, `state` reads accounts and slots of a final block.
Nothing here asks anybody; whoever fetched the bytes need not be trusted.
"""

from hospes.core.proof.headers import FinalHeader, Header, verify_descent, verify_seal
from hospes.core.proof.journal import Journal, extend_journal, open_journal
from hospes.core.proof.state import AccountProof, ProvenStorage, SlotProof, verify_storage
from hospes.core.proof.trie import verify_trie

__all__ = [
    "AccountProof",
    "FinalHeader",
    "Header",
    "Journal",
    "ProvenStorage",
    "SlotProof",
    "extend_journal",
    "open_journal",
    "verify_descent",
    "verify_seal",
    "verify_storage",
    "verify_trie",
]
