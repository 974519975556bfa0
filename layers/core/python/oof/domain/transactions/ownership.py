"""Who owns each token account of a transaction, and the on-chain delta of every owner.

Since December 2021 token balances name their owner. Before that it is found, in this order: the
initialization in the same transaction; who gives the account away in it, or names or dismisses its
delegate (only an owner can); the associated-account derivation over its keys; the close or
transfer authority that is no delegate (anomaly `owner_inferred`: a close authority and a delegate
of before have it too); else it stays unknown (`owner_unknown`).
"""

from oof.domain.transactions.addresses import Derivation
from oof.domain.transactions.body import Body, TokenBalance
from oof.domain.transactions.flows import NOBODY, TokenAccount
from oof.domain.transactions.model import AccountBalance
from oof.domain.transactions.operations import Act, Operation
from oof.domain.units import SOL_MINT

type Deltas = dict[tuple[str | None, str], int]
"""(owner, mint) → change; an owner of None is one that cannot be known."""

_OWNING = frozenset({Act.SET_OWNER, Act.APPROVE, Act.REVOKE})
"""What the token program lets nobody do but the owner."""

_make_balance = AccountBalance._make

_AUTHORIZED = frozenset({Act.SEND_TOKENS, Act.BURN, Act.CLOSE, Act.UNWRAP, Act.SET_OWNER})


class Ownership:
    """The owners of one transaction's token accounts, found once."""

    __slots__ = (
        "_after",
        "_before",
        "_body",
        "_by_source",
        "_changed",
        "_derivation",
        "_doubts",
        "_found",
        "_holding",
        "_opened",
        "_operations",
        "_proven",
        "_reassigned",
    )

    def __init__(self, body: Body, operations: list[tuple[int, Operation]]) -> None:
        self._body = body
        self._operations = operations
        self._opened: dict[str, tuple[str, str]] = {}
        self._reassigned: dict[str, str] = {}
        self._proven: dict[str, str] = {}
        tokens = self._note_operations()
        self._changed: list[tuple[str, int, int]] = []
        """Changed lamports of accounts that hold no tokens."""
        self._holding: list[tuple[str, int, int]] = []
        """Lamports of those that do."""
        for listed in zip(body.keys, body.pre_lamports, body.post_lamports, strict=True):
            if listed[0] in tokens:
                self._holding.append(listed)
            elif listed[1] != listed[2]:
                self._changed.append(listed)
        self._before = self._moving(body.pre_tokens, body.post_tokens)
        self._after = self._moving(body.post_tokens, body.pre_tokens)
        self._found: dict[str, str | None] = {}
        self._derivation: Derivation | None = None
        self._by_source: dict[str, list[Operation]] | None = None
        self._doubts: dict[str, tuple[str, str]] = {}

    def _note_operations(self) -> set[str]:
        """Note what operations say of owners; give the accounts that hold tokens."""
        tokens = {*self._body.pre_tokens, *self._body.post_tokens}
        for _at, operation in self._operations:
            act = operation.act
            if act is Act.SEND_TOKENS:
                tokens.add(operation.source)
                tokens.add(operation.target)
            elif act is Act.OPEN:
                self._opened[operation.source] = (operation.target, operation.extra)
                tokens.add(operation.source)
            elif act in _OWNING:
                if operation.authority:
                    self._proven.setdefault(operation.source, operation.authority)
                if act is Act.SET_OWNER:
                    self._reassigned[operation.source] = operation.extra
        return tokens

    def _moving(
        self, side: dict[str, TokenBalance], other: dict[str, TokenBalance]
    ) -> dict[str, TokenBalance]:
        """Give the balances of one side that the other side does not state, or another owner has.

        Of the rest nothing changed, so that their owners need not be found.
        """
        reassigned = self._reassigned
        return {
            address: balance
            for address, balance in side.items()
            if balance != other.get(address) or address in reassigned
        }

    def open_accounts(self) -> dict[str, TokenAccount]:
        """Set up the token accounts that took part with what they held before the transaction.

        One that only transfers name (nodes of 2020 list no token balances) has no owner or mint.
        """
        moving = self._before.keys() | self._after.keys()
        if len(moving) < len(self._holding):
            for _at, operation in self._operations:
                moving.add(operation.source)
                moving.add(operation.target)
        return {
            address: self._open(address, before, after)
            for address, before, after in self._holding
            if before != after or address in moving
        }

    def _open(self, address: str, before: int, after: int) -> TokenAccount:
        body = self._body
        old = body.pre_tokens.get(address)
        listed = old or body.post_tokens.get(address)
        if listed is None:
            owner, mint = self._opened.get(address, (NOBODY, ""))
            return TokenAccount(address, mint, owner, 0, before, after, None)
        owner_now = self.owner_of(address, listed)
        amount = 0 if old is None else old.amount
        account = TokenAccount(address, listed.mint, owner_now, amount, before, after, None)
        if listed.mint == SOL_MINT:
            account.pot -= amount
            account.rent = account.pot if old is not None else after - listed.amount
        return account

    def owner_after(self, address: str, balance: TokenBalance) -> str | None:
        """Name the owner of a post-balance: the account may have changed hands on the way."""
        if balance.owner is None and address in self._reassigned:
            return self._reassigned[address]
        return self.owner_of(address, balance)

    def owner_of(self, address: str, balance: TokenBalance) -> str | None:
        """Name the owner the balance states or, where it states none, the one that is found."""
        if balance.owner is not None:
            return balance.owner
        if address not in self._found:
            self._found[address] = self._find(address, balance)
        return self._found[address]

    def _find(self, address: str, balance: TokenBalance) -> str | None:
        if address in self._opened:
            return self._opened[address][0]
        if self._proven.get(address):
            return self._proven[address]
        if self._derivation is None:
            self._derivation = Derivation(self._wallets())
        derived = self._derivation.find_owner(address, balance.mint, balance.token_program)
        if derived is not None:
            return derived
        authority = self._authority(address)
        self._doubts[address] = (
            ("owner_unknown", address)
            if authority is None
            else ("owner_inferred", f"{address} by the authority {authority}")
        )
        return authority

    def _wallets(self) -> list[str]:
        """List the keys that could own an account: no token accounts, mints or programs."""
        body = self._body
        others = {each.program for each in body.instructions}
        others.update(address for address, _before, _after in self._holding)
        for balances in (body.pre_tokens, body.post_tokens):
            others.update(balance.mint for balance in balances.values())
        return [each for each in body.keys if each not in others]

    def _authority(self, address: str) -> str | None:
        delegates: set[str] = set()
        found: str | None = None
        if self._by_source is None:
            self._by_source = {}
            for _at, operation in self._operations:
                self._by_source.setdefault(operation.source, []).append(operation)
        for operation in self._by_source.get(address, ()):
            if operation.act is Act.APPROVE:
                delegates.add(operation.target)
            elif (
                operation.act in _AUTHORIZED
                and operation.authority
                and operation.authority not in delegates
            ):
                found = found or operation.authority
        return found

    def deltas(self) -> Deltas:
        """Compute what the chain says every owner gained or lost; zeros are left out.

        Where an owner of what changed was guessed or is not known, that becomes an anomaly.
        """
        body = self._body
        found: Deltas = {}
        for key, before, after in self._changed:
            found[key, SOL_MINT] = after - before
        for address, balance in self._before.items():
            if balance.amount:
                pair = (balance.owner or self.owner_of(address, balance), balance.mint)
                found[pair] = found.get(pair, 0) - balance.amount
        for address, balance in self._after.items():
            if balance.amount:
                pair = (balance.owner or self.owner_after(address, balance), balance.mint)
                found[pair] = found.get(pair, 0) + balance.amount
        for address, doubt in self._doubts.items():
            old, new = body.pre_tokens.get(address), body.post_tokens.get(address)
            if (old.amount if old else 0) != (new.amount if new else 0):
                body.oddities.append(doubt)
        return {pair: delta for pair, delta in found.items() if delta}

    def balances(self) -> tuple[AccountBalance, ...]:
        """List the accounts whose own amount changed: own lamports, then token amounts.

        A token account that changed hands or mint has two changes.
        """
        found = [
            _make_balance((key, key, SOL_MINT, before, after))
            for key, before, after in self._changed
        ]
        for key in {**self._before, **self._after}:
            old, new = self._before.get(key), self._after.get(key)
            was = None if old is None else old.owner or self.owner_of(key, old)
            now = None if new is None else new.owner or self.owner_after(key, new)
            if old is not None and new is not None and was == now and old.mint == new.mint:
                if old.amount != new.amount:
                    found.append(_make_balance((key, was, old.mint, old.amount, new.amount)))
                continue
            if old is not None and old.amount:
                found.append(_make_balance((key, was, old.mint, old.amount, 0)))
            if new is not None and new.amount:
                found.append(_make_balance((key, now, new.mint, 0, new.amount)))
        return tuple(found)
