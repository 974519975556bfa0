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
        "_body",
        "_by_source",
        "_changed",
        "_derivation",
        "_doubts",
        "_found",
        "_opened",
        "_operations",
        "_proven",
        "_reassigned",
        "_tokens",
        "_touched",
    )

    def __init__(self, body: Body, operations: list[tuple[int, Operation]]) -> None:
        self._body = body
        self._operations = operations
        self._opened: dict[str, tuple[str, str]] = {}
        self._reassigned: dict[str, str] = {}
        self._proven: dict[str, str] = {}
        self._tokens = {*body.pre_tokens, *body.post_tokens}
        self._touched: set[str] = set()
        for _at, operation in operations:
            self._touched.add(operation.source)
            self._touched.add(operation.target)
            if operation.act is Act.OPEN:
                self._opened[operation.source] = (operation.target, operation.extra)
                self._tokens.add(operation.source)
            elif operation.act in _OWNING and operation.authority:
                self._proven.setdefault(operation.source, operation.authority)
            if operation.act is Act.SET_OWNER:
                self._reassigned[operation.source] = operation.extra
            elif operation.act is Act.SEND_TOKENS:
                self._tokens.add(operation.source)
                self._tokens.add(operation.target)
        self._changed = [
            (key, before, after)
            for key, before, after in zip(
                body.keys, body.pre_lamports, body.post_lamports, strict=True
            )
            if before != after and key not in self._tokens
        ]
        self._found: dict[str, str | None] = {}
        self._derivation: Derivation | None = None
        self._by_source: dict[str, list[Operation]] | None = None
        self._doubts: dict[str, tuple[str, str]] = {}

    def open_accounts(self) -> dict[str, TokenAccount]:
        """Set up the token accounts that took part with what they held before the transaction.

        One that only transfers name (nodes of 2020 list no token balances) has no owner or mint.
        """
        body = self._body
        accounts: dict[str, TokenAccount] = {}
        for address, before, after in zip(
            body.keys, body.pre_lamports, body.post_lamports, strict=True
        ):
            if address not in self._tokens:
                continue
            old, new = body.pre_tokens.get(address), body.post_tokens.get(address)
            if before == after and old == new and address not in self._touched:
                continue
            accounts[address] = self._open(address, old, new, (before, after))
        return accounts

    def _open(
        self,
        address: str,
        old: TokenBalance | None,
        new: TokenBalance | None,
        lamports: tuple[int, int],
    ) -> TokenAccount:
        listed = old or new
        if listed is not None:
            account = TokenAccount(address, listed.mint, self.owner_of(address, listed))
        elif address in self._opened:
            owner, mint = self._opened[address]
            account = TokenAccount(address, mint, owner)
        else:
            account = TokenAccount(address, "", NOBODY)
        account.pot, account.last = lamports
        if old is not None:
            account.amount = old.amount
        if account.mint == SOL_MINT and listed is not None:
            if old is not None:
                account.pot -= old.amount
                account.rent = account.pot
            else:
                account.rent = lamports[1] - listed.amount
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
        others = {each.program for each in body.instructions} | self._tokens
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
        pre, post = body.pre_tokens, body.post_tokens
        found: Deltas = {}
        for key, before, after in self._changed:
            found[key, SOL_MINT] = after - before
        for address, balance in pre.items():
            if balance.amount and not self._is_idle(address, balance):
                pair = (self.owner_of(address, balance), balance.mint)
                found[pair] = found.get(pair, 0) - balance.amount
        for address, balance in post.items():
            if balance.amount and not self._is_idle(address, balance):
                pair = (self.owner_after(address, balance), balance.mint)
                found[pair] = found.get(pair, 0) + balance.amount
        for address, doubt in self._doubts.items():
            old, new = pre.get(address), post.get(address)
            if (old.amount if old else 0) != (new.amount if new else 0):
                body.oddities.append(doubt)
        return {pair: delta for pair, delta in found.items() if delta}

    def _is_idle(self, address: str, balance: TokenBalance) -> bool:
        """Whether nothing about the account changed, so that its owner need not be found."""
        if address in self._reassigned:
            return False
        body = self._body
        return balance == body.pre_tokens.get(address) == body.post_tokens.get(address)

    def balances(self) -> tuple[AccountBalance, ...]:
        """List the accounts whose own amount changed: own lamports, then token amounts."""
        body = self._body
        pre, post = body.pre_tokens, body.post_tokens
        found = [
            change_of(key, key, SOL_MINT, before, after) for key, before, after in self._changed
        ]
        for key in {**pre, **post}:
            found += self._token_changes(key, pre.get(key), post.get(key))
        return tuple(found)

    def _token_changes(
        self, key: str, old: TokenBalance | None, new: TokenBalance | None
    ) -> list[AccountBalance]:
        """Tell how a token account changed: two changes where it changed hands or mint."""
        if old == new and key not in self._reassigned:
            return []
        was = None if old is None else self.owner_of(key, old)
        now = None if new is None else self.owner_after(key, new)
        if old is not None and new is not None and (old.mint, was) == (new.mint, now):
            if old.amount == new.amount:
                return []
            return [change_of(key, was, old.mint, old.amount, new.amount)]
        found: list[AccountBalance] = []
        if old is not None and old.amount:
            found.append(change_of(key, was, old.mint, old.amount, 0))
        if new is not None and new.amount:
            found.append(change_of(key, now, new.mint, 0, new.amount))
        return found


def change_of(
    account: str, owner: str | None, mint: str, before: int, after: int
) -> AccountBalance:
    """Say what the chain states of an account whose amount changed."""
    return _make_balance((account, owner, mint, before, after))
