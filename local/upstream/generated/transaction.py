"""Building one transaction: each call adds an instruction and moves what it moves.

Effects stay in an overlay until `commit`; a failed transaction keeps the instructions and drops
the effects, all but its fee.
"""

import base64
from typing import NamedTuple

from local.upstream.generated import programs as p
from local.upstream.generated.addresses import raw
from local.upstream.generated.draft import Draft, Failure, Node
from local.upstream.generated.ledger import Ledger, Token
from local.upstream.model import TokenRow

SIGNATURE_FEE = 5000
SIZE, IMMUTABLE = "GetAccountDataSize", "InitializeImmutableOwner"


class Place(NamedTuple):
    """Where and when a transaction lands."""

    signatures: tuple[str, ...]
    """The transaction's own, then as many spare ones as there may be further signers."""
    slot: int
    block_time: int


def u64(value: int) -> bytes:
    """Return eight little-endian bytes."""
    return value.to_bytes(8, "little")


class Transaction:
    """A transaction in the making, over a ledger."""

    def __init__(self, ledger: Ledger, payer: str, *, versioned: bool = False) -> None:
        self.payer = payer
        self.versioned = versioned
        self.lookups: set[str] = set()
        """Accounts that a versioned transaction loads from a table."""
        self.table = ""
        self._ledger = ledger
        self._lamports: dict[str, int] = {}
        self._tokens: dict[str, Token | None] = {}
        self._outers: list[list[Node]] = []
        self._depth = 0
        self._signers: dict[str, None] = {payer: None}
        self._writable: set[str] = {payer}
        self._priority = 0

    # --- state ----------------------------------------------------------------------------

    def lamports(self, account: str) -> int:
        """Return an account's lamports as they are now."""
        known = self._lamports.get(account)
        return self._ledger.lamports.get(account, 0) if known is None else known

    def token(self, account: str) -> Token | None:
        """Return what a token account holds now."""
        if account in self._tokens:
            return self._tokens[account]
        return self._ledger.tokens.get(account)

    def move(self, source: str, target: str, lamports: int) -> None:
        """Move lamports without an instruction, as programs do from their own accounts."""
        left = self.lamports(source) - lamports
        if left < 0:
            raise ValueError(f"{source} lacks {-left} lamports")
        self._lamports[source] = left
        self._lamports[target] = self.lamports(target) + lamports
        self._writable.update((source, target))

    def _set(self, account: str, token: Token | None) -> None:
        self._tokens[account] = token
        self._writable.add(account)

    # --- instructions ---------------------------------------------------------------------

    def sign(self, account: str) -> None:
        """Require a signature beside the payer's."""
        self._signers[account] = None

    def call(
        self,
        program: str,
        accounts: tuple[str, ...],
        data: bytes,
        *,
        name: str = "",
        event: bytes | None = None,
        log: str = "",
    ) -> None:
        """Add an instruction at the present depth."""
        self._add(Node(self._depth + 1, program, accounts, data, name, event, log))

    def _add(self, node: Node) -> None:
        if self._depth == 0:
            self._outers.append([node])
        else:
            self._outers[-1].append(node)

    def enter(self) -> None:
        """Make what follows a call of the last instruction."""
        self._depth += 1

    def leave(self) -> None:
        """End what `enter` began."""
        self._depth -= 1

    def writes(self, *accounts: str) -> None:
        """Mark accounts as writable though no balance of theirs changes."""
        self._writable.update(accounts)

    @property
    def outer_index(self) -> int:
        """Return the index of the newest outer instruction."""
        return len(self._outers) - 1

    def budget(self, units: int, price: int) -> None:
        """Set the compute limit, and the price in micro-lamports a unit."""
        self.call(p.COMPUTE_BUDGET, (), b"\x02" + units.to_bytes(4, "little"))
        if price:
            self.call(p.COMPUTE_BUDGET, (), b"\x03" + u64(price))
            self._priority = -(-units * price // 1_000_000)

    def pay(self, source: str, target: str, lamports: int) -> None:
        """Transfer lamports by the System program."""
        data = (2).to_bytes(4, "little") + u64(lamports)
        self.call(p.SYSTEM, (source, target), data)
        self.move(source, target, lamports)

    def create(self, payer: str, account: str, space: int, owner: str, lamports: int) -> None:
        """Create an account by the System program."""
        data = bytes(4) + u64(lamports) + u64(space) + raw(owner)
        self.call(p.SYSTEM, (payer, account), data)
        self.move(payer, account, lamports)

    def open_associated(self, payer: str, account: str, token: Token) -> None:
        """Create an associated token account unless it is open, idempotently."""
        accounts = (payer, account, token.owner, token.mint, p.SYSTEM, token.program)
        self.call(p.ASSOCIATED, accounts, b"\x01", log="CreateIdempotent")
        self.writes(account)
        if self.token(account) is not None:
            return
        self.enter()
        newer = token.program == p.TOKEN_2022
        space, rent = (170, p.TOKEN_2022_RENT) if newer else (165, p.TOKEN_RENT)
        size = base64.b64encode(u64(space)).decode()
        self._add(_token_node(token.program, (token.mint,), b"\x15\x07\x00", SIZE, result=size))
        self.create(payer, account, space, token.program, rent)
        remark = "" if newer else "Please upgrade to SPL Token 2022 for immutable owner support"
        node = _token_node(token.program, (account,), b"\x16", IMMUTABLE, remark=remark)
        self._add(node._replace(before="Initialize the associated token account"))
        data = b"\x12" + raw(token.owner)
        self.call(token.program, (account, token.mint), data, name="InitializeAccount3")
        self.leave()
        self._set(account, token)

    def open_seeded(self, base: str, account: str, seed: str, token: Token, deposit: int) -> None:
        """Create a wrapped-SOL account with seed, already funded, and initialize it."""
        text = seed.encode()
        data = (3).to_bytes(4, "little") + raw(base) + u64(len(text)) + text
        data += u64(p.TOKEN_RENT + deposit) + u64(165) + raw(token.program)
        self.call(p.SYSTEM, (base, account), data)
        self.move(base, account, p.TOKEN_RENT + deposit)
        accounts = (account, token.mint, token.owner, p.RENT_SYSVAR)
        self.call(token.program, accounts, b"\x01", name="InitializeAccount")
        self._set(account, token._replace(amount=deposit))

    def sync(self, account: str) -> None:
        """Bring a wrapped-SOL account's amount up to its lamports."""
        self.call(p.TOKEN, (account,), b"\x11", name="SyncNative")
        token = self._known(account)
        self._set(account, token._replace(amount=self.lamports(account) - p.TOKEN_RENT))

    def close(self, account: str, target: str, owner: str) -> None:
        """Close a token account, its lamports going to `target`."""
        token = self._known(account)
        self.call(token.program, (account, target, owner), b"\x09", name="CloseAccount")
        self.move(account, target, self.lamports(account))
        self._set(account, None)

    def send(
        self,
        source: str,
        target: str,
        authority: str,
        amount: int,
        *,
        checked: bool = False,
        withheld: int = 0,
    ) -> None:
        """Transfer tokens; wrapped SOL takes its lamports along.

        What Token-2022 withholds stays in the target account, and is nobody's balance.
        """
        token = self._known(source)
        if checked:
            data = b"\x0c" + u64(amount) + bytes([token.decimals])
            accounts: tuple[str, ...] = (source, token.mint, target, authority)
            self.call(token.program, accounts, data, name="TransferChecked")
        else:
            accounts = (source, target, authority)
            self.call(token.program, accounts, b"\x03" + u64(amount), name="Transfer")
        if token.amount < amount:
            raise ValueError(f"{source} holds {token.amount}, not {amount}")
        self._set(source, token._replace(amount=token.amount - amount))
        there = self._known(target)
        self._set(target, there._replace(amount=there.amount + amount - withheld))
        if token.mint == p.WSOL:
            self.move(source, target, amount)

    def _known(self, account: str) -> Token:
        token = self.token(account)
        if token is None:
            raise ValueError(f"{account} is no token account")
        return token

    # --- the end --------------------------------------------------------------------------

    def commit(self, place: Place, failure: Failure | None = None) -> Draft:
        """Charge the fee, apply the effects unless it failed, and return the result.

        Raises:
            ValueError: the payer cannot pay the fee.
        """
        fee = SIGNATURE_FEE * len(self._signers) + self._priority
        keys, loaded, readonly = self._keys()
        before = [self._ledger.lamports.get(key, 0) for key in keys]
        tokens_before = self._ledger.tokens
        if failure is not None:
            self._lamports, self._tokens = {}, {}
        self._lamports[self.payer] = self.lamports(self.payer) - fee
        if self._lamports[self.payer] < 0:
            raise ValueError(f"{self.payer} cannot pay its fee")
        rows = tuple(
            _row(key, tokens_before.get(key), self.token(key))
            for key in keys
            if key in tokens_before or self._tokens.get(key) is not None
        )
        self._apply()
        return Draft(
            signatures=place.signatures[: len(self._signers)],
            slot=place.slot,
            block_time=place.block_time,
            version=0 if self.versioned else None,
            keys=keys,
            loaded=loaded,
            table=self.table,
            readonly_unsigned=readonly,
            outers=tuple(tuple(nodes) for nodes in self._outers),
            fee=fee,
            pre=tuple(before),
            post=tuple(self._ledger.lamports.get(key, 0) for key in keys),
            tokens=rows,
            failure=failure,
        )

    def inner_calls(self, outer: int) -> int:
        """Return how many calls an outer instruction made."""
        return len(self._outers[outer]) - 1

    def _apply(self) -> None:
        self._ledger.lamports.update(self._lamports)
        for account, token in self._tokens.items():
            if token is None:
                self._ledger.tokens.pop(account, None)
            else:
                self._ledger.tokens[account] = token

    def _keys(self) -> tuple[tuple[str, ...], tuple[int, int], int]:
        """Order the accounts as a message does; return loaded and read-only counts beside."""
        seen: dict[str, None] = dict.fromkeys(self._signers)
        invoked: set[str] = set()
        for nodes in self._outers:
            invoked.add(nodes[0].program)
            for node in nodes:
                seen.update(dict.fromkeys(node.accounts))
                seen[node.program] = None
        groups: tuple[list[str], ...] = ([], [], [], [])
        for key in seen:
            if key in self._signers:
                continue
            loads = self.versioned and key in self.lookups and key not in invoked
            groups[(2 if loads else 0) + (0 if key in self._writable else 1)].append(key)
        writable, readonly, loaded_writable, loaded_readonly = groups
        keys = (*self._signers, *writable, *readonly, *loaded_writable, *loaded_readonly)
        return keys, (len(loaded_writable), len(loaded_readonly)), len(readonly)


def _token_node(
    program: str,
    accounts: tuple[str, ...],
    data: bytes,
    name: str,
    *,
    result: str = "",
    remark: str = "",
) -> Node:
    """Return what the associated-account program calls while it opens an account."""
    return Node(2, program, accounts, data, name, None, "", remark=remark, result=result)


def _row(account: str, before: Token | None, after: Token | None) -> TokenRow:
    token = after or before
    if token is None:
        raise ValueError(f"{account} was never a token account")
    return TokenRow(
        account,
        token.mint,
        token.owner,
        token.program,
        token.decimals,
        None if before is None else before.amount,
        None if after is None else after.amount,
    )
