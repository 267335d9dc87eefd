"""The `hospes` command: it assembles the parts into one network on this machine, and shows what they do.

Nothing here is a rule of the protocol; a real member runs the same parts, each alone.
"""
