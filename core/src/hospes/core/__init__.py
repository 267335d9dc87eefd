"""What every part shares: errors, identities, typed messages, sealing, shares, content ids, proofs, summaries.

Nothing here touches a network, a disk or a clock; time and randomness come in as arguments.
"""
