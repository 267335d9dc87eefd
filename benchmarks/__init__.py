"""Numbers, not tests: how fast and how well the parts do what they do, each beside a peer of the same run."""
