"""The services of a member organisation: the ledger, the keeper and the store.

They are separate programs that talk over wires; none of them imports another.
"""
