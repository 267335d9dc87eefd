"""The store: sealed blocks by content id, for the journeys that put them and the members that may fetch them.

It opens nothing and decides nothing about a record: without the keepers' shares a block says only how long it is.
"""
