"""The wallet: how a traveller makes a journey, deposits records, consents in plain words, and sees who looked.

It never gives the root secret or a record's key away, sends nothing that the traveller did not agree to, and believes
nothing about the chain that is not proven against the pinned genesis. It does not read records (`core.summary` does).
"""
