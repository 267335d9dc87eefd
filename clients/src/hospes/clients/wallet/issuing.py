"""An issuer's signed word on a document, checked before the document is sealed with it.

A hospital abroad checks it again; here it spares the traveller a record that would show as unconfirmed.

Sources: PROTOCOL sections 1 (``Issued``) and 3 ("the issuer's signed `Issued` if there is one").
"""

from hospes.clients.wallet.drafting import Document
from hospes.clients.wallet.wallet import Wallet
from hospes.core.errors import SignatureError
from hospes.core.identities import keccak, require_signer
from hospes.core.typed_data import digest


async def check_issued(wallet: Wallet, document: Document) -> None:
    """Check the issuer's word on a document that has one.

    Raises
    ------
    SignatureError
        When it is about another document or class, or the issuer did not sign it.
    NotOnChainError
        When the issuer is no member.
    """
    if document.issued is None:
        return
    issued = document.issued.issued
    if issued.document_hash != keccak(document.content) or issued.what != document.what:
        raise SignatureError("Issued", "it is about another document or class")
    issuer = await wallet.reader.member_named(issued.issuer, await wallet.reader.tip())
    require_signer(digest(wallet.domain, issued), document.issued.signature, issuer.account, "Issued")
