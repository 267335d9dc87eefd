"""The keeper: holds one share of each record's key and releases it only against a final entry.

`decide` is the decision, pure; `holdings` is what survives a crash; `service` is the rim. The flow is in
`nodes/README.md`.
"""

from hospes.nodes.keeper.configuration import KeeperConfiguration
from hospes.nodes.keeper.keeper import Keeper, open_keeper

__all__ = ["Keeper", "KeeperConfiguration", "open_keeper"]
