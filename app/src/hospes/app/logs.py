"""What may be logged, and how: an allow-list of keys, so that no patient data can slip into a log line.

Libraries only call `structlog.get_logger`; this is the one place that configures it.
"""

import logging
import sys
from typing import Final

import structlog
from structlog.typing import EventDict

ALLOWED: Final = frozenset(
    {"account", "block", "code", "error", "event", "level", "logger", "member", "method", "number", "path", "port"}
    | {"reason", "seconds", "status", "timestamp", "transactions"}
)
"""Everything else is dropped, and the line says how many keys were."""


def configure(*, verbose: bool = False) -> None:
    """Log to standard error: warnings, or with `verbose` everything."""
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s %(message)s", force=True)
    for noisy in ("httpx", "httpcore", "asyncio", "web3", "uvicorn.error"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allowed_only,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def allowed_only(_: object, __: str, event: EventDict) -> EventDict:
    """Drop every key that is not on the allow-list, and count those as `dropped`."""
    dropped = [key for key in event if key not in ALLOWED]
    for key in dropped:
        del event[key]
    if dropped:
        event["dropped"] = len(dropped)
    return event
