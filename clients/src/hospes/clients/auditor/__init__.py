"""The auditor: one file in, a verdict out, offline.

It trusts nobody but the pinned genesis and, on the embedded ledger, the authority that it names. It reads no record and
cannot: a bundle holds hashes and what their owners chose to show. `verify` is the library, ``hospes audit`` the
command.
"""

from hospes.clients.auditor.findings import Code, Finding, Severity
from hospes.clients.auditor.history import Checkpoint
from hospes.clients.auditor.verify import Line, Verdict, verify

__all__ = ["Checkpoint", "Code", "Finding", "Line", "Severity", "Verdict", "verify"]
