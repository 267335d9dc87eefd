"""The programs of people and institutions: the traveller's wallet, the hospital's gateway, the auditor's verifier.

They are separate programs that talk over wires; none of them imports another.
"""
