"""The benches of a heavy wallet and of one more trade, at a size that fits a test."""

from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from local.bench import new_trade, reanalysis
from local.bench.refold import BEFORE
from local.bench.stages import StoredWallet
from local.bench.trader import Trader
from local.bench.wire import counted
from oof.domain.units import SOL_MINT

EVENTS = 120


def stored(dsn: str, trader: Trader) -> StoredWallet:
    """Return a wallet whose history is stored, priced and in its ledger."""
    wallet = StoredWallet(dsn, trader.wallet)
    wallet.track()
    wallet.store(trader.steps(EVENTS))
    wallet.price(trader.candles())
    wallet.apply()
    return wallet


def counts(dsn: str) -> dict[str, Any]:
    """Return how many rows each table of results has."""
    tables = ("positions", "position_exits", "position_days", "moments")
    with psycopg.connect(dsn) as connection:
        return {
            table: connection.execute(
                SQL("SELECT count(*) FROM {}").format(Identifier(table))
            ).fetchall()[0][0]
            for table in tables
        }


def test_a_wallet_is_analysed_anew_in_a_process_of_its_own(postgres_dsn):
    """Each stage tells what it took, and leaves what the wallet's worker would."""
    trader = Trader(seed=2)
    wallet = stored(postgres_dsn, trader)
    wallet.close()

    first, *ended = reanalysis.measure(postgres_dsn, trader)

    assert first.name == BEFORE
    assert first.traffic.statements == 0
    assert [stage.name for stage in ended] == [stage.name for stage in wallet.reanalysing()]
    assert all(stage.traffic.statements > 0 for stage in ended)
    assert all(0 < stage.longest_turn_s <= stage.seconds for stage in ended)
    assert ended[-1].peak_bytes >= first.peak_bytes > 2**20
    assert sum(stage.done.rows for stage in ended) > EVENTS
    found = counts(postgres_dsn)
    assert all(found[name] for name in ("positions", "position_exits", "position_days"))
    for stage in wallet.advancing():
        stage.run()
    wallet.close()
    assert counts(postgres_dsn) == found


@pytest.mark.parametrize("lots", [3, 20])
def test_each_measured_trade_is_applied_by_itself(postgres_dsn, lots):
    """As many lots stay open as were asked for, and nothing is left to do."""
    trader = Trader(seed=2)
    wallet = stored(postgres_dsn, trader)
    with counted(postgres_dsn) as (dsn, relay), psycopg.connect(dsn, autocommit=True) as server:
        measured = StoredWallet(dsn, trader.wallet)
        bench = new_trade.Bench(trader, measured, relay, server)

        wallet.close()
        cost = bench.cost("lots", lots)

        mint = trader.made[-1]
        assert lots <= bench.lots(mint) <= lots + 1
        assert cost.lots_of_sol == bench.lots(SOL_MINT)
        assert all(count > 0 for count in (*cost.wire, *cost.server))
        left = server.execute("SELECT count(*) FROM pending").fetchone()
        assert left == (0,)
        measured.close()
