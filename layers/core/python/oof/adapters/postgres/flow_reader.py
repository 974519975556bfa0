"""Pages of counterparties from Postgres."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from oof.adapters.postgres.activity_reader import activity_totals
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.position_reader import positions_head
from oof.adapters.postgres.rows import address_of
from oof.domain.snapshot.transfers import Direction
from oof.domain.units import Address, Mint
from oof.domain.windows import NO_DAY, DaySpan
from oof.ports.flow_pages import (
    MAX_MINTS,
    FlowFilter,
    FlowPage,
    FlowPageKey,
    FlowRecord,
    MintFlow,
)

# The wallet's own days alone: whom it dealt with last within those asked for, of an index and
# nothing else; then all of these days of each of a page, by the primary key. Walking an index from
# the newest day backwards would end sooner where most are met once, but probes for each day of
# those met daily.
PAGE: Final = """
WITH page AS MATERIALIZED (
    SELECT max(day) AS day, counterparty_id FROM wallet_flow_days
    WHERE wallet_id = %(wallet)s AND day BETWEEN %(first)s AND %(last)s
        AND direction = ANY(%(directions)s)
    GROUP BY counterparty_id HAVING (max(day), counterparty_id) < (%(before)s, %(other)s)
    ORDER BY max(day) DESC, counterparty_id DESC LIMIT %(limit)s + 1
)
SELECT p.day, p.counterparty_id, w.address, m.address, m.decimals, f.in_transfers, f.in_raw,
    f.out_transfers, f.out_raw, m.symbol, f.first_day, f.all_in, f.all_out, f.mints
FROM page p LEFT JOIN wallets w ON w.wallet_id = p.counterparty_id
CROSS JOIN LATERAL (
    SELECT mint_id, coalesce(sum(transfers) FILTER (WHERE direction <> %(out)s), 0) AS in_transfers,
        coalesce(sum(raw) FILTER (WHERE direction <> %(out)s), 0) AS in_raw,
        coalesce(sum(transfers) FILTER (WHERE direction = %(out)s), 0) AS out_transfers,
        coalesce(sum(raw) FILTER (WHERE direction = %(out)s), 0) AS out_raw,
        min(min(day) FILTER (WHERE day <> %(no_day)s)) OVER () AS first_day,
        sum(sum(transfers) FILTER (WHERE direction <> %(out)s)) OVER () AS all_in,
        sum(sum(transfers) FILTER (WHERE direction = %(out)s)) OVER () AS all_out,
        count(*) OVER () AS mints
    FROM wallet_flow_days
    WHERE wallet_id = %(wallet)s AND counterparty_id = p.counterparty_id
        AND day BETWEEN %(first)s AND %(last)s AND direction = ANY(%(directions)s)
    GROUP BY mint_id ORDER BY sum(transfers) DESC, mint_id LIMIT %(mints)s
) f JOIN mints m USING (mint_id)
ORDER BY p.day DESC, p.counterparty_id DESC, f.in_transfers + f.out_transfers DESC, mint_id
"""


class PostgresFlowReader:
    """A `FlowReader` over the stored days of transfers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        wallet: Address,
        span: DaySpan,
        wanted: FlowFilter,
        *,
        after: FlowPageKey | None,
        limit: int,
    ) -> FlowPage | None:
        """See `FlowReader.page`."""
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            totals = activity_totals(cursor, wallet_id, span)
            asked = asked_page(wallet_id, span, wanted, after=after, limit=limit)
            rows = cursor.execute(PAGE, asked).fetchall()
        groups = (list(group) for _, group in groupby(rows, key=lambda row: row[:2]))
        records = tuple(_record(group) for group in groups)
        next_key = records[limit - 1].key if len(records) > limit else None
        return FlowPage(head.wallet, totals, records[:limit], next_key)


def asked_page(
    wallet_id: int, span: DaySpan, wanted: FlowFilter, *, after: FlowPageKey | None, limit: int
) -> dict[str, Any]:
    """Return the parameters of `PAGE`."""
    return {
        "wallet": wallet_id,
        "first": span.lowest,
        "last": span.last,
        "before": span.last + 1 if after is None else after.day,
        "other": 0 if after is None else int(after.other),
        "directions": [direction.value for direction in wanted.directions],
        "out": Direction.OUT.value,
        "no_day": NO_DAY,
        "mints": MAX_MINTS,
        "limit": limit,
    }


def _record(rows: Sequence[tuple[Any, ...]]) -> FlowRecord:
    day, other_id, other, *_, first_day, all_in, all_out, mints_count = rows[0]
    return FlowRecord(
        key=FlowPageKey(day, str(other_id)),
        counterparty=None if other is None else Address(address_of(other)),
        first_day=first_day,
        last_day=None if day == NO_DAY else day,
        in_transfers=int(all_in or 0),
        out_transfers=int(all_out or 0),
        mints=[_mint(row) for row in rows],
        mints_count=mints_count,
    )


def _mint(row: Sequence[Any]) -> MintFlow:
    mint, decimals, in_transfers, in_raw, out_transfers, out_raw, symbol = row[3:10]
    ways = int(in_transfers), int(in_raw), int(out_transfers), int(out_raw)
    return MintFlow(Mint(address_of(mint)), decimals, *ways, symbol)
