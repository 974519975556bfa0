"""The flows of a transaction: who gave how much of what to whom, by which instruction.

Instructions are replayed over running balances of token accounts, so that wrapping, rent and
accounts opened and closed inside the transaction cost their owner exactly what they cost. What
the replay does not reach (lamports that programs move themselves) is found by comparing with the
on-chain deltas, in `settle`.

A token account has two purses: its *amount* belongs to its owner; its *pot*, all other lamports
it holds, belongs to nobody. What enters a pot is rent paid, what leaves it is rent returned.
"""

from dataclasses import dataclass, field
from typing import Final

from oof.domain.transactions.addresses import STAKE
from oof.domain.transactions.body import Body, Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.operations import (
    MERGED,
    OPERATION_PROGRAMS,
    Act,
    Operation,
    read_operations,
)
from oof.domain.transactions.rents import (
    KIND_OF_DEPOSIT,
    RENT_OF_TOKEN_ACCOUNT,
    rent_of,
)
from oof.domain.units import SOL_MINT

NOBODY: Final = ""
"""The other end of rent, mints and burns: an end that is no owner."""


@dataclass(slots=True, eq=False)
class Flow:
    """An amount of one mint from one owner to another. `kind` is None until classified.

    `at` is the index of its instruction in the body, -1 for what no instruction says.
    """

    at: int
    mint: str
    amount: int
    source: str | None
    target: str | None
    kind: Kind | None = None
    source_account: str = ""
    target_account: str = ""


@dataclass(slots=True, eq=False)
class TokenAccount:
    """The running state of one token account."""

    address: str
    mint: str
    owner: str | None
    amount: int
    pot: int
    last: int
    """All lamports it holds at last, as the chain states them."""
    rent: int | None
    payers: list[tuple[str | None, int, int]] = field(default_factory=list)


class Replay:
    """Replays the operations of one transaction into flows."""

    __slots__ = ("_body", "_funding", "_mints", "accounts", "flows", "stakes", "withheld")

    def __init__(self, body: Body, accounts: dict[str, TokenAccount]) -> None:
        self._body = body
        self.accounts = accounts
        self.flows: list[Flow] = []
        self._funding: dict[str, Flow] = {}
        self._mints: set[str] | None = None
        self.stakes: set[str] = set()
        self.withheld: list[tuple[int, str]] = []

    def run(self, operations: list[tuple[int, Operation]]) -> list[Flow]:
        """Give the flows of `operations` (index of instruction, operation), in order."""
        for at, operation in operations:
            _ACTS[operation.act](self, at, operation)
        for account in self.accounts.values():
            for payer, amount, at in account.payers:
                self._add(at, SOL_MINT, amount, payer, NOBODY, Kind.RENT, "", account.address)
        return self.flows

    def _add(  # noqa: PLR0913, PLR0917 - what a Flow is made of
        self,
        at: int,
        mint: str,
        amount: int,
        source: str | None,
        target: str | None,
        kind: Kind | None,
        source_account: str,
        target_account: str,
    ) -> None:
        if amount and source != target:
            flow = Flow(at, mint, amount, source, target, kind, source_account, target_account)
            self.flows.append(flow)
            self._funding[target_account] = flow

    def _send_lamports(self, at: int, operation: Operation) -> None:
        """Send lamports; what a mint is sent is rent, for the room its metadata takes."""
        if self._mints is None:
            body = self._body
            self._mints = {
                balance.mint
                for balances in (body.pre_tokens, body.post_tokens)
                for balance in balances.values()
            }
        kind = Kind.RENT if operation.target in self._mints else None
        self._move_lamports(at, operation, operation.amount, kind)

    def _create(self, at: int, operation: Operation) -> None:
        if operation.extra == STAKE:
            self.stakes.add(operation.target)
            self._move_lamports(at, operation, operation.amount, Kind.STAKE)
            return
        deposit = operation.amount - rent_of(operation.space)
        if deposit <= 0 or operation.target in self.accounts:
            self._move_lamports(at, operation, operation.amount, Kind.RENT)
            return
        self._move_lamports(at, operation, operation.amount - deposit, Kind.RENT)
        self._move_lamports(at, operation, deposit, KIND_OF_DEPOSIT.get(operation.extra))

    def _move_lamports(self, at: int, operation: Operation, amount: int, kind: Kind | None) -> None:
        source, target = operation.source, operation.target
        account = self.accounts.get(target)
        if account is None:
            self._add(at, SOL_MINT, amount, source, target, kind, source, target)
        else:
            account.pot += amount
            account.payers.append((source, amount, at))

    def _allocate(self, _at: int, operation: Operation) -> None:
        """Funding an account just before allocating it is its rent, as far as that goes."""
        funding = self._funding.pop(operation.target, None)
        if funding is None or funding.kind is not None:
            return
        deposit = funding.amount - rent_of(operation.space)
        funding.kind = Kind.RENT
        if deposit > 0:
            funding.amount -= deposit
            self._add(
                funding.at,
                SOL_MINT,
                deposit,
                funding.source,
                funding.target,
                None,
                funding.source_account,
                funding.target_account,
            )

    def _assign(self, _at: int, operation: Operation) -> None:
        """Whose a new account is tells why more than its rent was put there."""
        if operation.extra == STAKE:
            self.stakes.add(operation.target)
        deposit = self._funding.get(operation.target)
        if deposit is not None and deposit.kind is None:
            deposit.kind = KIND_OF_DEPOSIT.get(operation.extra)

    def _stake(self, at: int, operation: Operation) -> None:
        source, target = operation.source, operation.target
        self.stakes.add(source)
        if operation.amount != MERGED:
            self._move_lamports(at, operation, operation.amount, Kind.STAKE)
        else:
            self.stakes.add(target)

    def _send_tokens(self, at: int, operation: Operation) -> None:
        amount, fee = operation.amount, operation.fee
        source = self.accounts.get(operation.source)
        target = self.accounts.get(operation.target)
        giver: str | None = NOBODY
        taker: str | None = NOBODY
        mint = ""
        if target is not None:
            target.amount += amount - fee
            taker, mint = target.owner, target.mint
        if source is not None:
            source.amount -= amount
            giver, mint = source.owner, source.mint or mint
        self._add(at, mint, amount, giver, taker, None, operation.source, operation.target)
        if fee and target is not None:
            self._add(at, mint, fee, taker, NOBODY, Kind.TRANSFER_FEE, operation.target, "")

    def _mint(self, at: int, operation: Operation) -> None:
        account = self.accounts.get(operation.target)
        if account is not None:
            account.amount += operation.amount
            self._add(
                at,
                account.mint,
                operation.amount,
                NOBODY,
                account.owner,
                Kind.MINT,
                "",
                operation.target,
            )

    def _burn(self, at: int, operation: Operation) -> None:
        account = self.accounts.get(operation.source)
        if account is not None:
            account.amount -= operation.amount
            self._add(
                at,
                account.mint,
                operation.amount,
                account.owner,
                NOBODY,
                Kind.BURN,
                operation.source,
                "",
            )

    def _open(self, at: int, operation: Operation) -> None:
        account = self.accounts.get(operation.source)
        if account is None:
            return
        account.mint = operation.extra
        account.owner = operation.target
        if account.mint == SOL_MINT:
            if account.rent is None:
                account.rent = min(account.pot, RENT_OF_TOKEN_ACCOUNT)
            self._wrap(at, account)

    def _sync(self, at: int, operation: Operation) -> None:
        account = self.accounts.get(operation.source)
        if account is not None and account.mint == SOL_MINT:
            self._wrap(at, account)

    def _wrap(self, at: int, account: TokenAccount) -> None:
        """Turn what the pot holds beyond rent into the owner's amount, newest payer first."""
        wrapped = account.pot - (account.rent or 0)
        if wrapped <= 0:
            return
        account.pot -= wrapped
        account.amount += wrapped
        while wrapped and account.payers:
            payer, amount, paid_at = account.payers.pop()
            part = min(amount, wrapped)
            wrapped -= part
            if amount > part:
                account.payers.append((payer, amount - part, paid_at))
            kind = Kind.RENT if payer == NOBODY else None
            self._add(paid_at, SOL_MINT, part, payer, account.owner, kind, "", account.address)
        if wrapped:
            self._add(at, SOL_MINT, wrapped, NOBODY, account.owner, Kind.RENT, account.address, "")

    def _close(self, at: int, operation: Operation) -> None:
        account = self.accounts.get(operation.source)
        if account is None:
            return
        if account.mint == SOL_MINT:
            self._release(at, account, account.amount, account.owner, operation.target)
            account.amount = 0
        self._release(at, account, account.pot, NOBODY, operation.target)
        account.pot = 0
        account.rent = None

    def _unwrap(self, at: int, operation: Operation) -> None:
        account = self.accounts.get(operation.source)
        if account is None or account.mint != SOL_MINT:
            return
        amount = account.amount if operation.amount == MERGED else operation.amount
        account.amount -= amount
        self._release(at, account, amount, account.owner, operation.target)

    def _release(
        self, at: int, account: TokenAccount, amount: int, owner: str | None, target: str
    ) -> None:
        """Send lamports of `account`, `owner`'s or its pot's, to the account `target`."""
        receiver = self.accounts.get(target)
        if receiver is not None:
            receiver.pot += amount
            if amount:
                receiver.payers.append((owner, amount, at))
            return
        kind = Kind.RENT if owner == NOBODY else None
        self._add(at, SOL_MINT, amount, owner, target, kind, account.address, target)

    def _set_owner(self, at: int, operation: Operation) -> None:
        account = self.accounts.get(operation.source)
        if account is not None and account.owner != operation.extra:
            self._add(
                at,
                account.mint,
                account.amount,
                account.owner,
                operation.extra,
                None,
                account.address,
                account.address,
            )
            account.owner = operation.extra

    def _withdraw_withheld(self, at: int, operation: Operation) -> None:
        self.withheld.append((at, operation.target))

    def _approve(self, at: int, operation: Operation) -> None:
        """An approval moves nothing, nor does its end; it only tells delegates from owners."""


_ACTS: Final = {
    Act.CREATE: Replay._create,
    Act.SEND_LAMPORTS: Replay._send_lamports,
    Act.ALLOCATE: Replay._allocate,
    Act.SEND_TOKENS: Replay._send_tokens,
    Act.MINT: Replay._mint,
    Act.BURN: Replay._burn,
    Act.OPEN: Replay._open,
    Act.CLOSE: Replay._close,
    Act.SYNC: Replay._sync,
    Act.UNWRAP: Replay._unwrap,
    Act.SET_OWNER: Replay._set_owner,
    Act.APPROVE: Replay._approve,
    Act.REVOKE: Replay._approve,
    Act.WITHDRAW_WITHHELD: Replay._withdraw_withheld,
    Act.STAKE: Replay._stake,
    Act.ASSIGN: Replay._assign,
}


def list_operations(body: Body) -> list[tuple[int, Operation]]:
    """Decode every operation of the body, in order; an undecodable one is an oddity."""
    found: list[tuple[int, Operation]] = []
    for at, instruction in enumerate(body.instructions):
        if instruction.program in OPERATION_PROGRAMS:
            try:
                for operation in read_operations(instruction):
                    found.append((at, operation))  # noqa: PERF401 - mostly one: no generator
            except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
                body.oddities.append(("undecoded", _describe(instruction, fault)))
    return found


def _describe(instruction: Instruction, fault: Exception) -> str:
    place = f"{instruction.outer}.{instruction.inner}"
    return f"instruction {place} of {instruction.program}: {type(fault).__name__}"
