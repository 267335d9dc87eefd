"""Errors of the gateway: who may not ask, what is no alert of this hospital, what its own files do not do.

None holds a name, an illness, a token or a secret.
"""

from hospes.core.errors import HospesError


class TokenError(HospesError):
    """No token, one that nobody knows, or one that has expired."""

    slug = "token"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"a valid token must come with the call: {reason}")


class NotAllowedError(HospesError):
    """A token that does not allow what was asked."""

    slug = "not-allowed"

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"this token does not allow its holder to {what}")


class NotConfirmedError(HospesError):
    """The second action of a break-glass without the first, or too late, or by somebody else."""

    slug = "not-confirmed"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the glass was not broken: {reason}")


class WrongAlertError(HospesError):
    """A box that opens and is no alert for this hospital."""

    slug = "wrong-alert"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"this is no alert for this hospital: {reason}")


class InboxFullError(HospesError):
    """No room for alerts that the chain does not confirm; those that it confirms are always taken."""

    slug = "inbox-full"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            f"the inbox holds {limit} alerts that the chain does not confirm; raise it first, then send it"
        )


class NoAlertError(HospesError):
    """An alert that this hospital was not sent."""

    slug = "no-alert"

    def __init__(self) -> None:
        super().__init__("this hospital's inbox has no such alert")


class UnconfirmedAlertError(HospesError):
    """An alert that cannot be acknowledged, since the chain does not have it as raised to this hospital."""

    slug = "unconfirmed-alert"

    def __init__(self) -> None:
        super().__init__("the chain does not have this alert as raised to this hospital, so nobody waits for an answer")


class GatewayFileError(HospesError):
    """The gateway's own file failed; what was acknowledged before is in it."""

    slug = "gateway-file"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the gateway's file cannot be used: {reason}")


class NotFhirError(HospesError):
    """A record that opened and is no FHIR document."""

    slug = "not-fhir"

    def __init__(self, media_type: str) -> None:
        self.media_type = media_type
        super().__init__(f"the record opened and is no FHIR document but {media_type}; the console shows it")


class NotAcceptableError(HospesError):
    """A caller that wants another format than this server has."""

    slug = "not-acceptable"

    def __init__(self) -> None:
        super().__init__("this server answers with application/fhir+json and nothing else")


class TooManyStreamsError(HospesError):
    """More live views of the inbox than one gateway serves."""

    slug = "too-many-streams"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"{limit} live views are open; close one, or look again without it")
