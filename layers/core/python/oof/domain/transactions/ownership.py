"""Who owns each token account of a transaction, and the on-chain delta of every owner.

Since December 2021 token balances name their owner. Before that it is found, in this order: the
initialization in the same transaction; the associated-account derivation over its keys; the close
or transfer authority that is no delegate (anomaly `owner_inferred`); else it stays unknown
(`owner_unknown`).
"""

from oof.domain.transactions.addresses import derive_owner
from oof.domain.transactions.body import Body, TokenBalance
from oof.domain.transactions.flows import TokenAccount
from oof.domain.transactions.model import AccountBalance
from oof.domain.transactions.operations import Act, Operation
from oof.domain.units import SOL_MINT, Address, Mint, RawAmount

type Deltas = dict[tuple[str | None, str], int]
"""(owner, mint) → change; an owner of None is one that cannot be known."""

_AUTHORIZED = frozenset({Act.SEND_TOKENS, Act.BURN, Act.CLOSE, Act.UNWRAP, Act.SET_OWNER})


class Ownership:
    """The owners of one transaction's token accounts, found once."""

    __slots__ = ("_body", "_found", "_opened", "_operations")

    def __init__(self, body: Body, operations: list[tuple[int, Operation]]) -> None:
        self._body = body
        self._operations = operations
        self._opened: dict[str, tuple[str, str]] = {}
        for _at, operation in operations:
            if operation.act is Act.OPEN:
                self._opened[operation.source] = (operation.target, operation.extra)
        self._found: dict[str, str | None] = {}

    def open_accounts(self) -> dict[str, TokenAccount]:
        """Set up every token account with what it held before the transaction."""
        body = self._body
        lamports = dict(zip(body.keys, zip(body.pre_lamports, body.post_lamports, strict=True)))
        accounts: dict[str, TokenAccount] = {}
        for address, balance in body.pre_tokens.items():
            account = TokenAccount(address, balance.mint, self.owner_of(address, balance))
            account.amount = balance.amount
            account.pot = lamports[address][0]
            if balance.mint == SOL_MINT:
                account.pot -= balance.amount
                account.rent = account.pot
            accounts[address] = account
        for address, balance in body.post_tokens.items():
            if address not in accounts:
                account = TokenAccount(address, balance.mint, self.owner_of(address, balance))
                account.pot = lamports[address][0]
                if balance.mint == SOL_MINT:
                    account.rent = lamports[address][1] - balance.amount
                accounts[address] = account
        for address, (owner, mint) in self._opened.items():
            if address not in accounts:
                accounts[address] = TokenAccount(address, mint, owner)
        return accounts

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
        body = self._body
        derived = derive_owner(address, balance.mint, balance.token_program, body.keys)
        if derived is not None:
            return derived
        authority = self._authority(address)
        if authority is not None:
            body.oddities.append(("owner_inferred", f"{address} by the authority {authority}"))
            return authority
        body.oddities.append(("owner_unknown", address))
        return None

    def _authority(self, address: str) -> str | None:
        delegates: set[str] = set()
        found: str | None = None
        for _at, operation in self._operations:
            if operation.source != address:
                continue
            if operation.act is Act.APPROVE:
                delegates.add(operation.target)
            elif operation.act in _AUTHORIZED and operation.authority:
                if operation.authority not in delegates:
                    found = found or operation.authority
        return found

    def deltas(self) -> Deltas:
        """Compute what the chain says every owner gained or lost; zeros are left out."""
        body = self._body
        pre, post = body.pre_tokens, body.post_tokens
        found: Deltas = {}
        for key, before, after in zip(
            body.keys, body.pre_lamports, body.post_lamports, strict=True
        ):
            if before != after and key not in pre and key not in post:
                found[key, SOL_MINT] = found.get((key, SOL_MINT), 0) + after - before
        for balances, sign in ((pre, -1), (post, 1)):
            for address, balance in balances.items():
                if balance.amount:
                    pair = (self.owner_of(address, balance), balance.mint)
                    found[pair] = found.get(pair, 0) + sign * balance.amount
        return {pair: delta for pair, delta in found.items() if delta}

    def balances(self) -> tuple[AccountBalance, ...]:
        """List the accounts whose own amount changed, own lamports and token amounts alike."""
        body = self._body
        pre, post = body.pre_tokens, body.post_tokens
        found: list[AccountBalance] = []
        for key, before, after in zip(
            body.keys, body.pre_lamports, body.post_lamports, strict=True
        ):
            if key not in pre and key not in post:
                if before != after:
                    found.append(_balance(key, key, SOL_MINT, before, after))
                continue
            old, new = pre.get(key), post.get(key)
            if old is not None and new is not None and _is_same_purse(old, new):
                if old.amount != new.amount:
                    owner = self.owner_of(key, old)
                    found.append(_balance(key, owner, old.mint, old.amount, new.amount))
                continue
            if old is not None:
                found.append(_balance(key, self.owner_of(key, old), old.mint, old.amount, 0))
            if new is not None:
                found.append(_balance(key, self.owner_of(key, new), new.mint, 0, new.amount))
        return tuple(found)


def _is_same_purse(old: TokenBalance, new: TokenBalance) -> bool:
    return old.mint == new.mint and old.owner == new.owner


def _balance(account: str, owner: str | None, mint: str, before: int, after: int) -> AccountBalance:
    return AccountBalance(
        Address(account),
        None if owner is None else Address(owner),
        Mint(mint),
        RawAmount(before),
        RawAmount(after),
    )
