"""The rim that services share: reading and writing the chain, HTTP in and out, configuration.

It decides nothing about records: who may read what is decided in `nodes.keeper`, by pure functions.
"""
