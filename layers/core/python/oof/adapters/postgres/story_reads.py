"""What stories are made of, from Postgres: some positions of one wallet in a few statements."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from psycopg.sql import SQL, Composed

from oof.adapters.postgres.codes import KIND_CODES, KIND_OF_CODE
from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.rows import address_bytes, address_of, signature_of
from oof.domain.moments.model import Neighbour, Stamp
from oof.domain.moments.parts import (
    AccountMark,
    HeldPosition,
    StoryParts,
    StoryRows,
    TradeLeg,
    ValuedExit,
    first_slot,
    parts_of,
)
from oof.domain.positions.codec import decode_position
from oof.domain.positions.stored import EpisodeRow, ExitRow
from oof.domain.snapshot.fees import FEE_KINDS
from oof.domain.tokens import QUOTES
from oof.domain.units import SOL_MINT, Address, Lamports, Mint, RawAmount, Slot
from oof.ports.moments import DueMoments, MomentTurn

_ASKED: Final = SQL("""
WITH asked AS MATERIALIZED (
    SELECT m.mint_id, m.address, i.slot
    FROM unnest(%(mints)s::bytea[], %(slots)s::int4[]) AS i (address, slot)
    JOIN mints m USING (address)
)
""")
# By the primary keys of positions and position_episodes.
_HELD: Final = SQL("""
{asked}
SELECT a.address, p.state FROM asked a JOIN positions p
    ON p.wallet_id = %(wallet_id)s AND p.mint_id = a.mint_id
""").format(asked=_ASKED)
_EPISODES: Final = SQL("""
{asked}
SELECT a.address, e.number, e.opened_slot, e.opened_at, e.closed_slot, e.closed_at
FROM asked a JOIN position_episodes e ON e.wallet_id = %(wallet_id)s AND e.mint_id = a.mint_id
WHERE e.closed_slot >= a.slot
""").format(asked=_ASKED)
# By actions_owner_mint from each story's first slot on, in no other partitions than those of all;
# ledger_transaction tells what is live.
_WALKED: Final = SQL("""
{asked},
walked AS (
    SELECT DISTINCT a.address, x.tx_id FROM asked a JOIN actions x
        ON x.owner_id = %(wallet_id)s AND x.mint_id = a.mint_id AND x.slot >= a.slot
    WHERE x.slot BETWEEN %(lowest)s AND %(highest)s
)
SELECT w.address, t.tx_id, t.slot, t.tx_index, t.signature, t.block_time
FROM walked w JOIN transactions t USING (tx_id)
WHERE (
    SELECT op FROM ledger WHERE wallet_id = %(wallet_id)s AND tx_id = w.tx_id
    ORDER BY seq DESC LIMIT 1
) <> 2
""").format(asked=_ASKED)
# By the keys of trades, balances and token_accounts.
_TRADES: Final = """
SELECT r.tx_id, r.leg, s.address, r.sold_raw, b.address, r.bought_raw, r.venue, r.route,
    r.is_maker, r.arbitrage
FROM trades r JOIN mints s ON s.mint_id = r.sold_mint_id
JOIN mints b ON b.mint_id = r.bought_mint_id
WHERE r.tx_id = ANY(%(tx_ids)s) AND r.trader_id = %(wallet_id)s ORDER BY r.tx_id, r.leg
"""
_MARKS: Final = """
SELECT b.tx_id, b.account_id, m.address, b.pre_raw, b.post_raw
FROM balances b JOIN token_accounts a USING (account_id) JOIN mints m USING (mint_id)
WHERE b.tx_id = ANY(%(tx_ids)s) AND a.owner_id = %(wallet_id)s AND m.address = ANY(%(mints)s)
ORDER BY b.tx_id, b.account_id
"""
# By actions_tx, each within the partition of its slot; the bounds leave out the other partitions
# before each is planned, which takes longer than reading does.
FEES: Final = """
SELECT i.tx_id, a.kind, -sum(a.delta_raw)
FROM unnest(%(tx_ids)s::int8[], %(slots)s::int4[]) AS i (tx_id, slot)
JOIN actions a ON a.slot = i.slot AND a.tx_id = i.tx_id
WHERE a.slot BETWEEN %(lowest)s AND %(highest)s
    AND a.owner_id = %(wallet_id)s AND a.kind = ANY(%(kinds)s) AND a.delta_raw < 0
    AND a.mint_id = (SELECT mint_id FROM mints WHERE address = %(sol)s)
GROUP BY i.tx_id, a.kind
"""
_STANDING: Final = """
SELECT m.address, h.account_id, h.post_raw FROM holdings h JOIN mints m USING (mint_id)
WHERE h.wallet_id = %(wallet_id)s AND m.address = ANY(%(mints)s)
"""
# By trades_sold and trades_bought, a slot each.
_NEIGHBOURS: Final = """
WITH asked AS MATERIALIZED (
    SELECT m.mint_id, m.address, i.slot
    FROM unnest(%(mints)s::bytea[], %(slots)s::int4[]) AS i (address, slot)
    JOIN mints m USING (address)
),
beside AS (
    SELECT a.address, r.tx_id, r.leg FROM asked a JOIN trades r
        ON r.sold_mint_id = a.mint_id AND r.slot = a.slot
    UNION
    SELECT a.address, r.tx_id, r.leg FROM asked a JOIN trades r
        ON r.bought_mint_id = a.mint_id AND r.slot = a.slot
)
SELECT n.address, t.slot, t.tx_index, t.signature, t.block_time, r.leg, w.address, s.address,
    r.sold_raw, b.address, r.bought_raw, r.venue, r.route
FROM beside n JOIN trades r USING (tx_id, leg) JOIN transactions t USING (tx_id)
JOIN wallets w ON w.wallet_id = r.trader_id
JOIN mints s ON s.mint_id = r.sold_mint_id JOIN mints b ON b.mint_id = r.bought_mint_id
WHERE NOT t.revoked AND r.trader_id <> %(wallet_id)s
ORDER BY t.slot, t.tx_index, t.signature, r.leg
"""
_EXIT: Final = SQL("""a.address, e.slot, e.tx_id, e.place, t.signature, e.document, e.proceeds_usd,
    e.cost_usd, e.fees_usd, e.pnl_usd, e.usd
""")
# The primary key of position_exits.
_EXITS: Final = SQL("""
{asked}
SELECT {exit} FROM asked a JOIN position_exits e
    ON e.wallet_id = %(wallet_id)s AND e.mint_id = a.mint_id AND e.slot >= a.slot
JOIN transactions t USING (tx_id)
""").format(asked=_ASKED, exit=_EXIT)
# By position_exits_record, from either end.
_RECORDS: Final = SQL("""
{asked}
SELECT {exit} FROM asked a CROSS JOIN LATERAL (
    (SELECT * FROM position_exits WHERE wallet_id = %(wallet_id)s AND mint_id = a.mint_id
        AND pnl_usd IS NOT NULL AND cost_usd >= %(dust)s
        ORDER BY pnl_usd DESC FETCH FIRST ROW WITH TIES)
    UNION
    (SELECT * FROM position_exits WHERE wallet_id = %(wallet_id)s AND mint_id = a.mint_id
        AND pnl_usd IS NOT NULL AND cost_usd >= %(dust)s
        ORDER BY pnl_usd FETCH FIRST ROW WITH TIES)
) e JOIN transactions t USING (tx_id)
""").format(asked=_ASKED, exit=_EXIT)


class StoryReads:
    """The side of a transaction that tells stories."""

    _cursor: Cursor

    def story_parts(
        self, turn: MomentTurn, due: Sequence[DueMoments], *, dust_usd: Decimal
    ) -> tuple[StoryParts, ...]:
        """See `MomentTransaction.story_parts`."""
        rows = _Rows(self._cursor, turn)
        starts = rows.find_starts({each.mint: each.from_slot for each in due})
        rows.walk(starts)
        rows.find_exits(starts, dust_usd)
        rows.find_neighbours(starts)
        return tuple(parts_of(mint, slot, rows.found) for mint, slot in starts.items())


class _Rows:
    """Rows on their way into stories."""

    def __init__(self, cursor: Cursor, turn: MomentTurn) -> None:
        self._cursor = cursor
        self._turn = turn
        self.found = StoryRows()

    def find_starts(self, slots: dict[Mint, Slot]) -> dict[Mint, Slot]:
        """Find where each story begins."""
        found = self.found
        for key, state in self._rows(_HELD, slots):
            mint = _mint(key)
            position = decode_position(mint, bytes(state))
            opened = position.opened
            found.held[mint] = HeldPosition(
                tuple(position.book.lots),
                None if opened is None else (opened[0].slot, opened[1]),
                position.episodes,
            )
        for key, *rest in self._rows(_EPISODES, slots):
            found.episodes.setdefault(_mint(key), []).append(EpisodeRow(_mint(key), *rest))
        return {
            mint: first_slot(slot, found.held.get(mint), found.episodes.get(mint, ()))
            for mint, slot in slots.items()
        }

    def walk(self, starts: dict[Mint, Slot]) -> None:
        """Find the wallet's own transactions, and what they did."""
        found = self.found
        span = {"lowest": min(starts.values()), "highest": self._turn.newest_slot}
        for key, tx_id, slot, index, signature, at in self._rows(_WALKED, starts, **span):
            found.walked.setdefault(_mint(key), []).append(tx_id)
            found.stamps[tx_id] = Stamp(Slot(slot), index, signature_of(signature), at)
        for key, account, raw in self._rows(_STANDING, starts):
            found.standing[_mint(key), account] = int(raw)
        if found.stamps:
            self._tell(starts)

    def _tell(self, starts: dict[Mint, Slot]) -> None:
        found = self.found
        tx_ids = sorted(found.stamps)
        for tx_id, leg, sold, sold_raw, bought, bought_raw, venue, route, *flags in self._rows(
            _TRADES, starts, tx_ids=tx_ids
        ):
            gave = _mint(sold), RawAmount(int(sold_raw))
            got = _mint(bought), RawAmount(int(bought_raw))
            trade = TradeLeg(leg, *gave, *got, venue, tuple(route), *flags)
            found.trades.setdefault(tx_id, []).append(trade)
        for tx_id, account, key, pre, post in self._rows(_MARKS, starts, tx_ids=tx_ids):
            mark = AccountMark(account, _mint(key), int(pre), int(post))
            found.marks.setdefault(tx_id, []).append(mark)
        if found.trades:
            self._tell_fees(sorted(found.trades))

    def _tell_fees(self, tx_ids: list[int]) -> None:
        slots = [self.found.stamps[tx_id].slot for tx_id in tx_ids]
        asked = {
            "wallet_id": self._turn.wallet_id,
            "tx_ids": tx_ids,
            "slots": slots,
            "lowest": min(slots),
            "highest": max(slots),
            "kinds": [KIND_CODES[kind] for kind in FEE_KINDS],
            "sol": address_bytes(SOL_MINT),
        }
        for tx_id, code, paid in self._cursor.execute(FEES, asked).fetchall():
            kinds = self.found.fees.setdefault(tx_id, {})
            kinds[KIND_OF_CODE[code]] = Lamports(int(paid))

    def find_exits(self, starts: dict[Mint, Slot], dust_usd: Decimal) -> None:
        """Find sales, and those that came to the most and the least."""
        self.found.exits += map(_exit, self._rows(_EXITS, starts))
        self.found.records += map(_exit, self._rows(_RECORDS, starts, dust=dust_usd))

    def find_neighbours(self, starts: dict[Mint, Slot]) -> None:
        """Find what others traded of the same mints in the same slots; of quotes all do."""
        found = self.found
        places = sorted(
            {
                (mint, found.stamps[tx_id].slot)
                for mint in starts.keys() - QUOTES
                for tx_id in found.walked.get(mint, ())
                for leg in found.trades.get(tx_id, ())
                if mint in {leg.sold_mint, leg.bought_mint}
            }
        )
        if not places:
            return
        asked = {
            "wallet_id": self._turn.wallet_id,
            "mints": [address_bytes(Address(mint)) for mint, _ in places],
            "slots": [slot for _, slot in places],
        }
        rows = self._cursor.execute(_NEIGHBOURS, asked).fetchall()
        found.neighbours += ((_mint(key), _neighbour(row)) for key, *row in rows)

    def _rows(
        self, statement: str | Composed, slots: dict[Mint, Slot], **more: Any
    ) -> list[tuple[Any, ...]]:
        asked = {
            "wallet_id": self._turn.wallet_id,
            "mints": [address_bytes(Address(mint)) for mint in slots],
            "slots": list(slots.values()),
        }
        return self._cursor.execute(statement, asked | more).fetchall()


def _mint(key: bytes) -> Mint:
    return Mint(address_of(key))


def _neighbour(row: Sequence[Any]) -> Neighbour:
    slot, index, signature, at, leg, trader, sold, sold_raw, bought, bought_raw, venue, route = row
    return Neighbour(
        Stamp(Slot(slot), index, signature_of(signature), at),
        leg,
        address_of(trader),
        _mint(sold),
        RawAmount(int(sold_raw)),
        _mint(bought),
        RawAmount(int(bought_raw)),
        venue,
        tuple(route),
    )


def _exit(row: Sequence[Any]) -> ValuedExit:
    key, slot, tx_id, place, signature, document, proceeds, cost, fees, pnl, told = row
    sold = ExitRow(_mint(key), Slot(slot), tx_id, place, document)
    money = proceeds, cost, fees, pnl
    return ValuedExit(sold, signature_of(signature), *money, _costs(told))


def _costs(told: Any) -> tuple[Decimal | None, ...]:
    lots: Iterable[Any] = () if told is None else told["lots"]
    return tuple(None if lot["cost_usd"] is None else Decimal(lot["cost_usd"]) for lot in lots)
