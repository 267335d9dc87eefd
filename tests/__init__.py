"""The tests, by part; `simulators` holds the small worlds that several parts share.

A package of its own, because other distributions install a top-level `tests` too, and a folder without this file
would lose to theirs.
"""
