"""The contracts as Python sees them: addresses, artifacts, storage, calls, events, refusals and the first block.

It encodes and decodes only. It compiles nothing, executes nothing and asks nobody: whoever has a node (`nodes.ledger`)
or a connection to one (`service`) brings bytes here and takes bytes away. Vyper is needed to build the artifacts
(``tools/build_contracts.py``), never at run time.

Sources: PROTOCOL section 2; contracts/SPEC.md.
"""
