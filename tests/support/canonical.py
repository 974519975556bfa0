"""The canonical digest: what must be the same whatever the order, repetition and crashes.

Transactions, actions, participants, trades and balances by signature; each ledger's net live set,
with its `seq` gapless; each wallet's positions to the byte, and what they are worth in dollars;
what each did, transferred and held by day;
each summary without ids, seq, epoch and our own times. Rows are kept as sorted lists, never sets,
so that a row too many shows.
"""

import difflib
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, NamedTuple

import orjson
import psycopg

from oof.adapters.postgres.codes import meaning_of
from oof.domain.snapshot.ledger import LedgerOp
from oof.domain.snapshot.model import WalletSummary
from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.model import Role, Status
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.facts import MemoryFactStore
from tests.support.days import memory_days, postgres_days
from tests.support.valued import plain, postgres_values, values_of

type Facts = dict[str, dict[str, Any]]

_TRANSACTIONS = """
SELECT t.signature, t.slot, t.tx_index, t.block_time, t.failed, w.address, t.fee_lamports,
    t.normalizer_version
FROM transactions t JOIN wallets w ON w.wallet_id = t.fee_payer_id WHERE NOT t.revoked
"""
_PARTICIPANTS = """
SELECT t.signature, p.slot, w.address FROM participants p
JOIN transactions t USING (tx_id) JOIN wallets w USING (wallet_id) WHERE NOT t.revoked
"""
_ACTIONS = """
SELECT t.signature, a.slot, o.address, m.address, c.address, a.kind, a.delta_raw FROM actions a
JOIN transactions t USING (tx_id) JOIN mints m USING (mint_id)
LEFT JOIN wallets o ON o.wallet_id = a.owner_id
LEFT JOIN wallets c ON c.wallet_id = a.counterparty_id WHERE NOT t.revoked
"""
_TRADES = """
SELECT t.signature, r.slot, r.leg, w.address, s.address, r.sold_raw, b.address, r.bought_raw,
    r.venue, r.route, r.outer_index, r.is_maker, r.arbitrage, r.terminal
FROM trades r JOIN transactions t USING (tx_id) JOIN wallets w ON w.wallet_id = r.trader_id
JOIN mints s ON s.mint_id = r.sold_mint_id JOIN mints b ON b.mint_id = r.bought_mint_id
WHERE NOT t.revoked
"""
_BALANCES = """
SELECT t.signature, a.address, w.address, m.address, b.pre_raw, b.post_raw FROM balances b
JOIN transactions t USING (tx_id) JOIN token_accounts a USING (account_id)
JOIN wallets w ON w.wallet_id = a.owner_id JOIN mints m USING (mint_id) WHERE NOT t.revoked
"""
_LEDGER = """
SELECT w.address, l.seq, l.op, l.tx_id, t.signature, l.known FROM ledger l
JOIN wallets w USING (wallet_id) JOIN transactions t USING (tx_id) ORDER BY l.wallet_id, l.seq
"""
_APPLIED = "SELECT w.address, t.applied_seq FROM tracked_wallets t JOIN wallets w USING (wallet_id)"
_HEADS = """
SELECT p.wallet_id, w.address, p.stale_from, p.head_slot, p.events, p.other_fees_lamports
FROM position_heads p JOIN wallets w USING (wallet_id)
"""
_POSITIONS = """
SELECT m.address, p.is_open, p.last_slot, p.last_at, p.state, p.figures
FROM positions p JOIN mints m USING (mint_id) WHERE p.wallet_id = %s
"""
_EXITS = """
SELECT m.address, e.slot, t.signature, e.place, e.document
FROM position_exits e JOIN mints m USING (mint_id) JOIN transactions t USING (tx_id)
WHERE e.wallet_id = %s
"""
_EPISODES = """
SELECT m.address, e.number, e.opened_slot, e.opened_at, e.closed_slot, e.closed_at
FROM position_episodes e JOIN mints m USING (mint_id) WHERE e.wallet_id = %s
"""


def digest(facts: Facts, summaries: Iterable[WalletSummary]) -> str:
    """Return the digest of facts and summaries."""
    return hashlib.sha256(
        orjson.dumps(canonical(facts, summaries), option=orjson.OPT_SORT_KEYS)
    ).hexdigest()


def canonical(facts: Facts, summaries: Iterable[WalletSummary]) -> dict[str, Any]:
    """Return what the digest is taken of, as plain values in one order."""
    whole: dict[str, Any] = {
        part: {key: rows[key] for key in sorted(rows)} for part, rows in sorted(facts.items())
    }
    ordered = sorted(summaries, key=lambda each: each.address)
    whole["summaries"] = {summary.address: _summary(summary) for summary in ordered}
    whole["headlines"] = {summary.address: list(summary.positions) for summary in ordered}
    return whole


def differences(got: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Return the first lines in which two canonical states differ; none where they are alike."""
    lines, wanted_lines = (
        orjson.dumps(each, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2).decode().splitlines()
        for each in (got, wanted)
    )
    if lines == wanted_lines:
        return []
    return list(islice(difflib.unified_diff(wanted_lines, lines, lineterm=""), 60))


def memory_facts(store: MemoryFactStore) -> Facts:
    """Return the facts of the in-memory store."""
    tables = store.tables
    rows = _Rows()
    for stored in tables.transactions.values():
        if stored.revoked:
            continue
        t = stored.transaction
        is_failed = t.status is Status.FAILED
        head = (t.slot, t.tx_index, t.block_time, is_failed, t.fee_payer, t.fee_lamports)
        rows.add("transactions", t.signature, [*head, stored.version])
        for wallet in t.participants:
            rows.add("participants", t.signature, [t.slot, wallet])
        for m in t.movements:
            what = [t.slot, m.owner, m.mint, m.counterparty, m.kind.value, m.mark, str(m.delta_raw)]
            rows.add("actions", t.signature, what)
        for leg, r in enumerate(t.trades):
            sold, bought = [r.sold_mint, str(r.sold_raw)], [r.bought_mint, str(r.bought_raw)]
            how = [r.venue, list(r.route), r.outer_index, r.role is Role.MAKER]
            rest = [r.arbitrage, r.terminal]
            rows.add("trades", t.signature, [t.slot, leg, r.trader, *sold, *bought, *how, *rest])
        for b in t.balances:
            if b.owner is not None:
                amounts = [str(b.pre_raw), str(b.post_raw)]
                rows.add("balances", t.signature, [b.account, b.owner, b.mint, *amounts])
    ledgers: dict[str, list[_LedgerRow]] = {
        address: [
            _LedgerRow(seq, row.op, row.tx_id, _signature(tables, row.tx_id), row.known)
            for seq, row in enumerate(tables.ledgers.get(wallet.wallet_id, ()), start=1)
        ]
        for address, wallet in tables.tracked.items()
    }
    applied: dict[str, int] = {
        address: wallet.applied_seq for address, wallet in tables.tracked.items()
    }
    live = {
        "ledgers": _live_sets(ledgers, applied),
        "positions": memory_positions(store),
        "values": plain(values_of(store)),
    } | memory_days(tables)
    return rows.sorted() | live


def memory_positions(store: MemoryFactStore) -> dict[str, Any]:
    """Return each wallet's stored positions, by address."""
    tables = store.tables
    found: dict[str, Any] = {}
    for wallet_id, head in tables.position_heads.items():
        parts = _Positions()
        for (owner, mint), row in tables.positions.items():
            if owner == wallet_id:
                parts.add_position(mint, row.is_open, row.last_slot, row.last_at, row.state)
                parts.figures[mint] = dict(sorted(row.figures.items()))
        for key, sold in tables.position_exits.items():
            if key[0] == wallet_id:
                signature = _signature(tables, sold.tx_id)
                parts.exits.append([sold.mint, sold.slot, signature, sold.place, sold.document])
        for where, episode in tables.position_episodes.items():
            if where[0] == wallet_id:
                parts.episodes.append(list(episode))
        folded = [head.folded.slot, head.folded.events, head.folded.other_fees_lamports]
        found[tables.addresses[wallet_id]] = parts.canonical(head.stale_from, folded)
    return found


def postgres_positions(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Return each wallet's stored positions, by address."""
    found: dict[str, Any] = {}
    for wallet_id, wallet, stale_from, *folded in connection.execute(_HEADS).fetchall():
        parts = _Positions()
        for mint, is_open, slot, at, state, figures in connection.execute(_POSITIONS, (wallet_id,)):
            parts.add_position(_b58(mint), is_open, slot, at, bytes(state))
            parts.figures[_b58(mint)] = {k: int(v) for k, v in sorted(figures.items())}
        for mint, slot, signature, *rest in connection.execute(_EXITS, (wallet_id,)):
            parts.exits.append([_b58(mint), slot, _b58(signature), *rest])
        for mint, *rest in connection.execute(_EPISODES, (wallet_id,)):
            parts.episodes.append([_b58(mint), *rest])
        folded[-1] = int(folded[-1])
        found[_b58(wallet)] = parts.canonical(stale_from, folded)
    return found


class _Positions:
    """Parts of one wallet's positions."""

    def __init__(self) -> None:
        self.states: dict[str, Any] = {}
        self.figures: dict[str, Any] = {}
        self.exits: list[Any] = []
        self.episodes: list[Any] = []

    def add_position(self, mint: str, is_open: bool, slot: int, at: Any, state: bytes) -> None:
        """Add one position."""
        self.states[mint] = [is_open, slot, at, state.hex()]

    def canonical(self, stale_from: int | None, folded: list[Any]) -> dict[str, Any]:
        """Return them in one order; what is stale is like nothing that is folded."""
        texts = {k: {n: str(v) for n, v in f.items()} for k, f in sorted(self.figures.items())}
        exits = sorted(self.exits, key=lambda each: (each[0], each[1], each[2], each[3]))
        return {
            "stale_from": stale_from,
            "folded": [str(each) for each in folded],
            "states": dict(sorted(self.states.items())),
            "figures": texts,
            "exits": [[*each[:4], dict(sorted(each[4].items()))] for each in exits],
            "episodes": sorted(self.episodes, key=repr),
        }


def postgres_facts(dsn: str) -> Facts:
    """Return the facts of a database."""
    rows = _Rows()
    with psycopg.connect(dsn) as connection:
        for row in connection.execute(_TRANSACTIONS):
            rows.add("transactions", _b58(row[0]), [*row[1:5], _b58(row[5]), *row[6:]])
        for signature, slot, wallet in connection.execute(_PARTICIPANTS):
            rows.add("participants", _b58(signature), [slot, _b58(wallet)])
        for signature, slot, owner, mint, other, kind, delta in connection.execute(_ACTIONS):
            ids = [_b58(owner), _b58(mint), _b58(other)]
            what = [slot, *ids, *meaning_of(kind), str(delta)]
            rows.add("actions", _b58(signature), what)
        for row in connection.execute(_TRADES):
            sold, bought = [_b58(row[4]), str(row[5])], [_b58(row[6]), str(row[7])]
            head = [row[1], row[2], _b58(row[3])]
            rows.add("trades", _b58(row[0]), [*head, *sold, *bought, *row[8:]])
        for signature, account, owner, mint, pre, post in connection.execute(_BALANCES):
            what = [_b58(account), _b58(owner), _b58(mint), str(pre), str(post)]
            rows.add("balances", _b58(signature), what)
        applied = {_b58(wallet): seq for wallet, seq in connection.execute(_APPLIED)}
        ledgers: dict[str, list[_LedgerRow]] = defaultdict(list)
        for wallet, seq, op, tx_id, signature, known in connection.execute(_LEDGER):
            row = _LedgerRow(seq, op, tx_id, _b58(signature), known)
            ledgers[_b58(wallet)].append(row)
        held = postgres_positions(connection)
        values = plain(postgres_values(connection.cursor()))
        days = postgres_days(connection)
    return (
        rows.sorted()
        | {
            "ledgers": _live_sets(ledgers, applied),
            "positions": held,
            "values": values,
        }
        | days
    )


class _LedgerRow(NamedTuple):
    """One row of a ledger."""

    seq: int
    op: int
    tx_id: int
    signature: str
    known: int


def _signature(tables: Tables, tx_id: int) -> str:
    return tables.transactions[tx_id].transaction.signature


class _Rows:
    """Rows by part and signature."""

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))

    def add(self, part: str, signature: str, row: list[Any]) -> None:
        """Add one row."""
        self._parts[part][signature].append(row)

    def sorted(self) -> Facts:
        """Return all rows, each signature's in one order."""
        return {
            part: {signature: sorted(found, key=repr) for signature, found in rows.items()}
            for part, rows in self._parts.items()
        }


def _live_sets(
    ledgers: Mapping[str, list[_LedgerRow]], applied: Mapping[str, int]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for address, applied_seq in applied.items():
        rows = ledgers.get(address, [])
        if [row[0] for row in rows] != list(range(1, applied_seq + 1)):
            msg = f"the ledger of {address} has a gap or does not end at {applied_seq}"
            raise AssertionError(msg)
        live: dict[int, tuple[str, int]] = {}
        for _, op, tx_id, signature, known in rows:
            if (op == LedgerOp.APPLY) == (tx_id in live):
                msg = f"{signature} is applied twice, or changed before it was applied: {rows}"
                raise AssertionError(msg)
            live[tx_id] = signature, int(known)
            if op == LedgerOp.REVOKE:
                del live[tx_id]
        if len({signature for signature, _ in live.values()}) < len(live):
            raise AssertionError(f"{address} counts two landings of one signature: {rows}")
        result[address] = sorted(live.values())
    return result


def _summary(summary: WalletSummary) -> dict[str, Any]:
    return {
        "state": summary.state.value,
        "as_of_slot": summary.as_of_slot,
        "balances": [[b.mint, str(b.raw), *b[2:]] for b in summary.balances],
        "balances_count": summary.balances_count,
        "counts": [summary.tx_count, summary.failed_count, summary.mentions, summary.trade_count],
        "hourly": sorted(summary.hourly.items()),
        "daily": sorted(summary.daily.items()),
        "venues": list(summary.venues.items()),
        "fees": sorted((kind, str(paid)) for kind, paid in summary.fees_lamports.items()),
        "span": [summary.oldest_time, summary.newest_time],
        "provisional": sorted(summary.provisional),
    }


def _b58(data: bytes | None) -> Any:
    return encode_base58(bytes(data)) if data is not None else None
