"""The flows of a transaction: who gave how much of what to whom, by which instruction.

Instructions are replayed over running balances of token accounts, so that wrapping, rent and
accounts opened and closed inside the transaction cost their owner exactly what they cost. What
the replay does not reach (lamports that programs move themselves) is found by comparing with the
on-chain deltas, in `settle`.

A token account has two purses: its *amount* belongs to its owner; its *pot*, all other lamports
it holds, belongs to nobody. What enters a pot is rent paid, what leaves it is rent returned.
"""

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


class Flow:
    """An amount of one mint from one owner to another. `kind` is None until classified.

    `at` is the index of its instruction in the body, -1 for what no instruction says.
    """

    __slots__ = (
        "amount",
        "at",
        "kind",
        "mint",
        "source",
        "source_account",
        "target",
        "target_account",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - built in the hot path, by position
        self,
        at: int,
        mint: str,
        amount: int,
        source: str | None,
        target: str | None,
        kind: Kind | None = None,
        accounts: tuple[str, str] = ("", ""),
    ) -> None:
        self.at = at
        self.mint = mint
        self.amount = amount
        self.source = source
        self.target = target
        self.kind = kind
        self.source_account, self.target_account = accounts

    def __repr__(self) -> str:
        return (
            f"Flow({self.at}, {self.mint[:6]}, {self.amount}, {self.source} -> {self.target},"
            f" {self.kind})"
        )


class TokenAccount:
    """The running state of one token account."""

    __slots__ = ("address", "amount", "last", "mint", "owner", "payers", "pot", "rent")

    def __init__(self, address: str, mint: str, owner: str | None) -> None:
        self.address = address
        self.mint = mint
        self.owner = owner
        self.amount = 0
        self.pot = 0
        self.last = 0
        """All lamports it holds at last, as the chain states them."""
        self.rent: int | None = None
        self.payers: list[tuple[str | None, int, int]] = []


class Replay:
    """Replays the operations of one transaction into flows."""

    __slots__ = ("_body", "_funding", "accounts", "flows", "stakes", "withheld")

    def __init__(self, body: Body, accounts: dict[str, TokenAccount]) -> None:
        self._body = body
        self.accounts = accounts
        self.flows: list[Flow] = []
        self._funding: dict[str, Flow] = {}
        self.stakes: set[str] = set()
        self.withheld: list[tuple[int, str]] = []

    def run(self, operations: list[tuple[int, Operation]]) -> list[Flow]:
        """Give the flows of `operations` (index of instruction, operation), in order."""
        for at, operation in operations:
            _ACTS[operation.act](self, at, operation)
        for account in self.accounts.values():
            for payer, amount, at in account.payers:
                self._add(at, SOL_MINT, amount, payer, NOBODY, Kind.RENT, ("", account.address))
        return self.flows

    def _add(  # noqa: PLR0913, PLR0917 - what a Flow is made of
        self,
        at: int,
        mint: str,
        amount: int,
        source: str | None,
        target: str | None,
        kind: Kind | None = None,
        accounts: tuple[str, str] = ("", ""),
    ) -> None:
        if amount and source != target:
            flow = Flow(at, mint, amount, source, target, kind, accounts)
            self.flows.append(flow)
            self._funding[accounts[1]] = flow

    def _send_lamports(self, at: int, operation: Operation) -> None:
        self._move_lamports(at, operation, None)

    def _create(self, at: int, operation: Operation) -> None:
        if operation.extra == STAKE:
            self.stakes.add(operation.target)
            self._move_lamports(at, operation, Kind.STAKE)
            return
        deposit = operation.amount - rent_of(operation.space)
        if deposit <= 0 or operation.target in self.accounts:
            self._move_lamports(at, operation, Kind.RENT)
            return
        rent = operation._replace(amount=operation.amount - deposit)
        self._move_lamports(at, rent, Kind.RENT)
        kind = KIND_OF_DEPOSIT.get(operation.extra)
        self._move_lamports(at, operation._replace(amount=deposit), kind)

    def _move_lamports(self, at: int, operation: Operation, kind: Kind | None) -> None:
        source, target = operation.source, operation.target
        account = self.accounts.get(target)
        if account is None:
            self._add(at, SOL_MINT, operation.amount, source, target, kind, (source, target))
        else:
            account.pot += operation.amount
            account.payers.append((source, operation.amount, at))

    def _allocate(self, _at: int, operation: Operation) -> None:
        """Funding an account just before allocating it is its rent, as far as that goes."""
        funding = self._funding.pop(operation.target, None)
        if funding is None or funding.kind is not None:
            return
        deposit = funding.amount - rent_of(operation.space)
        funding.kind = Kind.RENT
        if deposit > 0:
            funding.amount -= deposit
            ends = (funding.source_account, funding.target_account)
            self._add(funding.at, SOL_MINT, deposit, funding.source, funding.target, None, ends)

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
            self._move_lamports(at, operation, Kind.STAKE)
        else:
            self.stakes.add(target)

    def _send_tokens(self, at: int, operation: Operation) -> None:
        source = self.accounts.get(operation.source)
        target = self.accounts.get(operation.target)
        if source is not None:
            source.amount -= operation.amount
        if target is not None:
            target.amount += operation.amount - operation.fee
        mint = (source.mint if source else "") or (target.mint if target else "")
        self._add(
            at,
            mint,
            operation.amount,
            NOBODY if source is None else source.owner,
            NOBODY if target is None else target.owner,
            None,
            (operation.source, operation.target),
        )
        if operation.fee and target is not None:
            self._add(
                at,
                mint,
                operation.fee,
                target.owner,
                NOBODY,
                Kind.TRANSFER_FEE,
                (operation.target, ""),
            )

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
                ("", operation.target),
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
                (operation.source, ""),
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
            self._add(paid_at, SOL_MINT, part, payer, account.owner, kind, ("", account.address))
        if wrapped:
            self._add(
                at, SOL_MINT, wrapped, NOBODY, account.owner, Kind.RENT, (account.address, "")
            )

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
        self._add(at, SOL_MINT, amount, owner, target, kind, (account.address, target))

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
                (account.address, account.address),
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
                found.extend((at, operation) for operation in read_operations(instruction))
            except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
                body.oddities.append(("undecoded", _describe(instruction, fault)))
    return found


def _describe(instruction: Instruction, fault: Exception) -> str:
    place = f"{instruction.outer}.{instruction.inner}"
    return f"instruction {place} of {instruction.program}: {type(fault).__name__}"
