"""Normalized transactions as rows: every address a surrogate id, every amount as text."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from oof.adapters.postgres.codes import code_of
from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.identities import AccountKey, account_ids, mint_ids, wallet_ids
from oof.adapters.postgres.rows import address_bytes, signature_bytes
from oof.domain.transactions.model import AccountBalance, NormalizedTransaction, Role, Status
from oof.ports.facts import PackedTransaction

_ROUTE_SEPARATOR = "\x1f"


class Ids(NamedTuple):
    """Every surrogate id that a batch's rows refer to."""

    wallets: dict[str, int]
    mints: dict[str, int]
    accounts: dict[AccountKey, int]


def identify(cursor: Cursor, facts: Sequence[NormalizedTransaction]) -> Ids:
    """Return every id that transactions refer to, giving out new ones."""
    addresses: set[str] = set()
    decimals: dict[str, int | None] = {}
    for t in facts:
        addresses |= t.participants
        addresses.update(a for m in t.movements for a in (m.owner, m.counterparty) if a)
        addresses.update(trade.trader for trade in t.trades)
        addresses.update(b.owner for b in t.balances if b.owner)
        for mint in _mints(t):
            decimals[mint] = t.decimals.get(mint, decimals.get(mint))
    wallets = wallet_ids(cursor, addresses)
    mints = mint_ids(cursor, decimals)
    keys = {_account_key(b, wallets, mints) for t in facts for b in t.balances if b.owner}
    return Ids(wallets, mints, account_ids(cursor, keys))


def _mints(t: NormalizedTransaction) -> Iterable[Any]:
    yield from (m.mint for m in t.movements)
    yield from (b.mint for b in t.balances)
    yield from (mint for trade in t.trades for mint in (trade.sold_mint, trade.bought_mint))


def _account_key(
    balance: AccountBalance, wallets: dict[str, int], mints: dict[str, int]
) -> AccountKey:
    owner = wallets[balance.owner or ""]
    return owner, mints[balance.mint], address_bytes(balance.account)


def transaction_columns(transactions: Sequence[PackedTransaction], ids: Ids) -> dict[str, Any]:
    """Return the columns of their own rows."""
    facts = [packed.transaction for packed in transactions]
    return {
        "signature": [signature_bytes(t.signature) for t in facts],
        "slot": [t.slot for t in facts],
        "tx_index": [t.tx_index for t in facts],
        "block_time": [t.block_time for t in facts],
        "fee_payer_id": [ids.wallets[t.fee_payer] for t in facts],
        "fee_lamports": [t.fee_lamports for t in facts],
        "failed": [t.status is Status.FAILED for t in facts],
        "anomalies": [anomalies_of(t) for t in facts],
        "frame_offset": [packed.offset for packed in transactions],
        "frame_length": [packed.length for packed in transactions],
        "version": [packed.version for packed in transactions],
    }


def anomalies_of(t: NormalizedTransaction) -> str | None:
    """Return a transaction's anomalies as JSON; None where it has none."""
    if not t.anomalies:
        return None
    rows = [{"code": a.code, "detail": text_of(a.detail)} for a in t.anomalies]
    return orjson.dumps(rows).decode()


def participant_rows(
    new: Sequence[tuple[int, NormalizedTransaction]], ids: Ids
) -> Iterable[tuple[Any, ...]]:
    """Yield who took part in each."""
    for tx_id, t in new:
        for wallet_id in sorted(ids.wallets[address] for address in t.participants):
            yield tx_id, t.slot, wallet_id


def action_rows(
    new: Sequence[tuple[int, NormalizedTransaction]], ids: Ids
) -> Iterable[tuple[Any, ...]]:
    """Yield the movements of each."""
    for tx_id, t in new:
        for m in t.movements:
            owner = ids.wallets[m.owner] if m.owner else None
            other = ids.wallets[m.counterparty] if m.counterparty else None
            mint = ids.mints[m.mint]
            yield tx_id, t.slot, owner, mint, other, code_of(m.kind, m.mark), str(m.delta_raw)


def trade_rows(
    new: Sequence[tuple[int, NormalizedTransaction]], ids: Ids
) -> Iterable[tuple[Any, ...]]:
    """Yield the trades of each."""
    for tx_id, t in new:
        for leg, trade in enumerate(t.trades):
            yield (
                tx_id,
                t.slot,
                leg,
                ids.wallets[trade.trader],
                ids.mints[trade.sold_mint],
                ids.mints[trade.bought_mint],
                trade.outer_index,
                trade.role is Role.MAKER,
                trade.arbitrage,
                str(trade.sold_raw),
                str(trade.bought_raw),
                trade.venue,
                trade.terminal,
                _ROUTE_SEPARATOR.join(trade.route),
            )


def balance_rows(
    new: Sequence[tuple[int, NormalizedTransaction]], ids: Ids
) -> Iterable[tuple[Any, ...]]:
    """Yield what each changed account held before and after."""
    for tx_id, t in new:
        held = {
            ids.accounts[_account_key(b, ids.wallets, ids.mints)]: b for b in t.balances if b.owner
        }
        for account, b in sorted(held.items()):
            yield tx_id, account, str(b.pre_raw), str(b.post_raw)


def columns_of(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Turn rows into columns; none at all where there are no rows."""
    return [list(column) for column in zip(*rows, strict=True)]


def text_of(value: str) -> str:
    """Return text as Postgres keeps it: without NUL."""
    return value.replace("\0", "")
