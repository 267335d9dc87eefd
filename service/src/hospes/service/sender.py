"""Sending transactions from a member's account, one after the other, and waiting until they are final.

It does not decide what to send. It sends a call again only when the node refused its nonce, so that nothing of it is
anywhere: a transaction that was taken and is not final in time may still become so, and the caller knows what asking
twice would do.

Sources: EIP-1559 (fees), Ethereum JSON-RPC; geth 1.17 ``core/error.go`` and ``core/txpool/errors.go`` (the words).
"""

import asyncio
import re
from typing import Final

from eth_account import Account as Signer

from hospes.contracts.refusals import ContractRefusedError
from hospes.core.identities import Account, Address, Hash, keccak, to_hex
from hospes.service.errors import NodeError, TransactionFailedError, TransactionPendingError
from hospes.service.node import Node, Receipt

MAX_FEE_WEI: Final = 10**9
"""Far above the base fee of a network where gas costs nothing; the funds of an admission last for millions of calls."""
GAS: Final = 500_000
"""More than any usual call of the contracts needs; unused gas is not paid for."""
MAX_GAS: Final = 2_000_000
"""More than the dearest call needs, which is to register the longest box key (about 1,100,000)."""
FINAL_S: Final = 15.0
POLL_S: Final = 0.05
NONCES: Final = 5
"""Nonces tried for one call, should somebody else be sending from the account at the same time."""
KNOWN: Final = "already known"
WRONG_NONCE: Final = "nonce too "
_REVERTED: Final = re.compile(r"execution reverted:? ?(?P<reason>[a-z_]*)")


class Sender:
    """Sends from one account through one node.

    Parameters
    ----------
    node : Node
    account : Account
        Of a member; nobody else may send from it meanwhile, since each transaction takes the next nonce.
    chain_id : int
    """

    def __init__(self, node: Node, account: Account, chain_id: int) -> None:
        self.node, self.account, self.chain_id = node, account, chain_id
        self._turn = asyncio.Lock()

    async def send(self, to: Address, data: bytes) -> Hash:
        """Send a call and return its transaction's hash, without waiting for a block.

        Raises
        ------
        ContractRefusedError
            When the contract would refuse it; nothing was sent.
        NodeError, UnreachableError
            When the node did not take it.
        """
        gas = await self._preflight(to, data)
        async with self._turn:
            outcome = await self._hand_in(to, data, gas)
            for _ in range(NONCES - 1):
                if isinstance(outcome, NodeError):
                    outcome = await self._hand_in(to, data, gas)
        if isinstance(outcome, NodeError):
            raise outcome
        return outcome

    async def final(self, transaction: Hash, timeout_s: float = FINAL_S) -> Receipt:
        """Wait until a transaction stands in a block and succeeded.

        Raises
        ------
        TransactionFailedError
            When its contract refused it after all.
        TransactionPendingError
            When it is in no block after `timeout_s` seconds.
        """
        deadline = asyncio.get_running_loop().time() + timeout_s
        while asyncio.get_running_loop().time() < deadline:
            receipt = await self.node.receipt(transaction)
            if receipt is not None:
                if not receipt.succeeded:
                    raise TransactionFailedError(transaction, f"the contract refused it in block {receipt.block}")
                return receipt
            await asyncio.sleep(POLL_S)
        raise TransactionPendingError(transaction, timeout_s)

    async def _hand_in(self, to: Address, data: bytes, gas: int) -> Hash | NodeError:
        """Hand in a call under the next nonce; return its hash, or the refusal when another one has that nonce."""
        raw = self._signed(to, data, gas, await self.node.nonce(self.account.address))
        try:
            return await self.node.send(raw)
        except NodeError as error:
            if KNOWN in error.reason:  # the request arrived twice, and the first time it was taken
                return keccak(raw)
            if WRONG_NONCE not in error.reason:
                raise
            refusal = error
        # A node that has sealed this very transaction may say of a second copy that its nonce is too low.
        return keccak(raw) if await self.node.receipt(keccak(raw)) else refusal

    async def _preflight(self, to: Address, data: bytes) -> int:
        """Return the gas to send a call with, or raise what its contract has against it."""
        try:
            needed = await self.node.gas(self.account.address, to, data)
        except NodeError as error:
            reverted = _REVERTED.search(error.reason)
            if reverted is None:
                raise
            raise ContractRefusedError(reverted["reason"]) from error
        return GAS if 2 * needed <= GAS else MAX_GAS

    def _signed(self, to: Address, data: bytes, gas: int, nonce: int) -> bytes:
        transaction = {
            "type": 2,
            "chainId": self.chain_id,
            "nonce": nonce,
            "to": bytes(to),  # as text it would need its checksum (EIP-55)
            "value": 0,
            "data": to_hex(data),
            "gas": gas,
            "maxFeePerGas": MAX_FEE_WEI,
            "maxPriorityFeePerGas": 0,
        }
        return bytes(Signer.sign_transaction(transaction, self.account.secret).raw_transaction)
