"""Why a contract refused a call, and what to do about it.

A contract reverts with a short stable word; this is the list of them. It does not send calls: whoever did passes the
word, or the revert data, and gets the error to raise.

Sources: contracts/SPEC.md; Solidity ABI specification ("Error(string)").
"""

from typing import Final

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError

from hospes.core.errors import HospesError

_ERROR_SELECTOR: Final = bytes.fromhex("08c379a0")
UNKNOWN: Final = "unknown"

ADVICE: Final[dict[str, str]] = {
    # any call with a signature
    "signature_length": "send the 65 bytes r, s, v",
    "signature_high_s": "sign again with a signer that gives the low s",
    "signature_v": "send v as 27 or 28",
    "signature_wrong": "sign exactly this message, for this chain, with the key of the journey that the call names",
    "deadline_passed": "sign the message again with a later deadline",
    # consent
    "already_given": "nothing to do: the chain holds this consent",
    "already_withdrawn": "sign a new consent: one that was withdrawn never comes back",
    "ended": "wait for a block after the one up to which the journey ended its consents",
    "through_not_growing": "name a later block: the journey has already ended its consents up to this one",
    # access log
    "not_active_hospital": "send it from the account of an active member with the role hospital",
    "already_logged": "nothing to do: the journey's log holds this deposit or erasure",
    "not_consent_contract": "call the consent contract, which records this entry itself",
    "kind_not_of_consent": "call the access log for entries of this kind",
    # alerts
    "not_active_oracle": "send it from the account of an active member with the role oracle",
    "alert_hash_zero": "give the hash of the alert",
    "already_raised": "nothing to do if it went to the right hospital; else raise a new alert, with a salt of its own",
    "addressee_not_active_hospital": "choose a hospital that is an active member",
    "deadline_not_ahead": "make the alert again with a deadline that is still to come",
    "deadline_too_far": "make the alert again with a deadline within a day",
    "oracle_epoch_not_in_office": "let the oracles in office attest, for their epoch",
    "attestations_missing": "gather the attestations of more oracles: f + 1 are needed",
    "attester_not_in_office": "leave out what no oracle in office signed; each signs this alert, epoch and chain",
    "attesters_not_in_order": "give each oracle's attestation once, in the order of their addresses",
    "attester_not_active": "leave out the attestation of the suspended oracle",
    "alert_unknown": "check the hash: no such alert was raised",
    "not_addressee": "only the hospital that the alert was raised to acknowledges it",
    "already_acknowledged": "nothing to do: the hospital acknowledged the alert",
    "already_escalated": "nothing to do: the next hospital was asked",
    "deadline_not_over": "wait until the deadline of the alert is over",
    "addressee_unchanged": "choose another hospital than the one that stayed silent",
    # registry
    "unknown_call": "check the call against the interface of the registry",
    "not_active_member": "send it from the account of an active member",
    "not_active_at_proposal": "only members that were active when it was proposed can vote on this proposal",
    "vote_unchanged": "nothing to do: the vote already stands this way",
    "url_empty": "give the address of the services",
    "proposal_unknown": "check the number of the proposal",
    "proposal_executed": "nothing to do: the proposal was carried out",
    "not_passed": "gather more votes; a change of a set also needs more than half of the countries",
    "delay_not_over": "wait until the delay since the deciding vote is over",
    "epoch_superseded": "propose it again: another set came into office since",
    "account_zero": "give the account of the new member",
    "account_known": "give an account that never belonged to a member",
    "account_unknown": "check the account: it belongs to no member",
    "already_suspended": "nothing to do: the member is suspended",
    "id_known": "choose an id that no member ever had",
    "id_malformed": "choose an id of 1 to 31 of a-z, 0-9 and -",
    "roles_unknown": "give at least one role, and only known ones",
    "country_malformed": "give the country as two capital letters (ISO 3166-1 alpha-2)",
    "members_full": "the registry holds as many members as it can; a new network is needed",
    "funds_missing": "send money to the registry: it cannot fund the new member",
    "role_without_sets": "name keeper, oracle or validator",
    "set_empty": "name at least one account",
    "set_repeats": "name each account once",
    "not_active_in_role": "name only active members that have the role of the set",
    "threshold_impossible": "choose a threshold that the set can meet and that its role prescribes",
    "country_reaches_threshold": "take keepers of more countries or raise the threshold: no country may open a record",
    "country_has_third": "take validators from more countries: no country may hold a third",
    "replaces_too_many": "replace fewer keepers at once: those that stay must be able to serve, those that go must not",
    UNKNOWN: "check the call against the interface: the contract gave no reason",
}
"""Every reason of the sources, with what the caller can do; a test compares the two."""


class ContractRefusedError(HospesError):
    """A contract did not accept a call, and nothing changed.

    Parameters
    ----------
    reason : str
        The contract's word, a key of `ADVICE`; another word, which may be anything, counts as ``unknown``.
    """

    slug = "refused-by-contract"

    def __init__(self, reason: str) -> None:
        self.reason = reason if reason in ADVICE else UNKNOWN
        super().__init__(f"the contract refused ({self.reason}): {ADVICE[self.reason]}")


def refusal(revert_data: bytes) -> ContractRefusedError:
    """Return the error for the data of a reverted call; a reason that cannot be read is ``unknown``."""
    if revert_data[:4] != _ERROR_SELECTOR:
        return ContractRefusedError(UNKNOWN)
    try:
        (reason,) = abi_decode(["string"], revert_data[4:])
    except (DecodingError, UnicodeDecodeError, OverflowError):
        return ContractRefusedError(UNKNOWN)
    return ContractRefusedError(str(reason))
