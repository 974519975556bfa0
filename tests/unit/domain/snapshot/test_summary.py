"""Summaries: their buckets, windows and bytes."""

from dataclasses import replace
from decimal import Decimal

import msgpack
import pytest

from oof.domain.moments.model import MomentId, MomentKind
from oof.domain.snapshot.activity import FEE, VENUE
from oof.domain.snapshot.codec import MAX_BYTES, decode_summary, encode_summary
from oof.domain.snapshot.fold import DAY_S, HOUR_S
from oof.domain.snapshot.model import (
    NO_MOMENTS,
    NO_PNL,
    Coverage,
    LastError,
    MintBalance,
    MomentTotals,
    PositionTotals,
    Provisional,
    TopMoment,
    Unseen,
    UnseenCode,
    WalletPnl,
    WalletState,
    WalletSummary,
    WatchedBy,
)
from oof.domain.snapshot.summarize import fees_by_kind, newest_days, newest_hours, top_venues
from oof.domain.snapshot.windows import window_counts
from oof.domain.units import Lamports, Mint, RawAmount, Slot, UnixSeconds
from tests.support.transactions import address

DAY = 20_000 * DAY_S
"""Midnight of some day."""

EMPTY = WalletSummary(
    address=address("ann"),
    state=WalletState.WARMING_UP,
    epoch=1,
    revision=1,
    as_of_seq=0,
    as_of_slot=None,
    balances=(),
    balances_count=0,
    tx_count=0,
    failed_count=0,
    mentions=0,
    hourly={},
    daily={},
    venues={},
    trade_count=0,
    fees_lamports={},
    oldest_time=None,
    newest_time=None,
    coverage=Coverage(0, complete=False, oldest_time=None, newest_time=None, stopped_by=None),
    tail_checked_at=None,
    last_error=None,
    provisional=frozenset(),
    projected_at=UnixSeconds(DAY),
)

LARGEST = replace(
    EMPTY,
    state=WalletState.SEEN_PARTIAL,
    epoch=2**40,
    revision=2**40,
    as_of_seq=2**31,
    as_of_slot=Slot(2**31),
    balances=tuple(
        MintBalance(
            Mint(address(str(n))), RawAmount(2**128 - n), 9, Slot(2**31), n % 2 == 0, n % 3 == 0
        )
        for n in range(20)
    ),
    balances_count=10_000,
    tx_count=2**31,
    failed_count=2**31,
    mentions=2**31,
    hourly={UnixSeconds(DAY - n * HOUR_S): 100_000 for n in range(49)},
    daily={UnixSeconds(DAY - n * DAY_S): 1_000_000 for n in range(32)},
    venues={f"some_rather_long_venue_{n}": 2**31 for n in range(20)},
    trade_count=2**31,
    fees_lamports={f"some_fee_kind_{n}": Lamports(2**70) for n in range(7)},
    oldest_time=UnixSeconds(1_600_000_000),
    newest_time=UnixSeconds(1_800_000_000),
    coverage=Coverage(
        10_000,
        complete=False,
        oldest_time=UnixSeconds(1_600_000_000),
        newest_time=UnixSeconds(1_800_000_000),
        stopped_by="signatures",
        unseen=tuple(Unseen(code, UnixSeconds(1_800_000_000), 86_400) for code in UnseenCode),
        watch=WatchedBy.WEBHOOK,
        live_since=UnixSeconds(1_800_000_000),
    ),
    tail_checked_at=UnixSeconds(1_800_000_000),
    applied_lag_s=2**31 - 1,
    last_error=LastError("upstream_unavailable", UnixSeconds(DAY), UnixSeconds(DAY + 60)),
    moments=MomentTotals(
        dict.fromkeys(MomentKind, 2**31),
        2**31,
        tuple(
            TopMoment(
                kind,
                MomentId(f"{n:032x}"),
                Mint(address(str(n))),
                Decimal("123456789.12345678"),
                UnixSeconds(1_800_000_000),
            )
            for n, kind in enumerate(tuple(MomentKind)[:3])
        ),
    ),
    positions=PositionTotals(
        2**31,
        2**31,
        Lamports(-(2**70)),
        Lamports(2**70),
        2**31,
        2**31,
        Lamports(2**70),
        2**31,
        is_folding=True,
    ),
    pnl=WalletPnl(
        realized_usd=Decimal("-1234567890123.12345678"),
        fees_usd=Decimal("1234567890123.12345678"),
        wins=2**31,
        losses=2**31,
        unrealized_usd=Decimal("-1234567890123.12345678"),
        value_usd=Decimal("1234567890123.12345678"),
        prices_as_of=UnixSeconds(1_800_000_000),
        pending_exits=2**31,
        unpriced_exits=2**31,
        excluded_usd=Decimal("1234567890123.12345678"),
        unquoted=2**31,
        uncosted=2**31,
        unvalued=2**31,
    ),
    provisional=frozenset(Provisional),
)


@pytest.mark.parametrize("summary", [EMPTY, LARGEST])
def test_a_summary_comes_back_from_its_bytes(summary):
    """Encoding loses nothing, amounts beyond 64 bits included."""
    assert decode_summary(encode_summary(summary)) == summary


def test_the_largest_summary_fits_its_item():
    """Every list is bounded, so no wallet's item grows beyond 4 KB."""
    assert len(encode_summary(LARGEST)) <= MAX_BYTES


def test_an_item_written_before_lags_were_told_is_read():
    """What it lacks is not known; everything else is as it was."""
    fields = msgpack.unpackb(encode_summary(LARGEST))
    del fields["lag"]
    del fields["moments"]
    del fields["pnl"]
    fields["coverage"] = fields["coverage"][:5]
    plain = Coverage(*LARGEST.coverage[:5])

    told = decode_summary(msgpack.packb(fields))

    lacking = replace(LARGEST, coverage=plain, applied_lag_s=None, moments=NO_MOMENTS, pnl=NO_PNL)
    assert told == lacking


def test_bytes_of_another_version_are_refused():
    """A reader never guesses."""
    with pytest.raises(ValueError, match="version 2"):
        decode_summary(msgpack.packb({"v": 2}))


def test_windows_age_without_events():
    """The same buckets count less as time passes, down to nothing but the total."""
    summary = replace(
        EMPTY,
        tx_count=9,
        hourly={UnixSeconds(DAY): 2, UnixSeconds(DAY - 24 * HOUR_S): 1},
        daily={
            UnixSeconds(DAY): 2,
            UnixSeconds(DAY - 7 * DAY_S): 3,
            UnixSeconds(DAY - 30 * DAY_S): 4,
        },
    )

    assert window_counts(summary, UnixSeconds(DAY)) == {"1d": 3, "7d": 5, "30d": 9, "all": 9}
    later = UnixSeconds(DAY + HOUR_S)
    assert window_counts(summary, later) == {"1d": 2, "7d": 5, "30d": 9, "all": 9}
    much_later = UnixSeconds(DAY + 40 * DAY_S)
    assert window_counts(summary, much_later) == {"1d": 0, "7d": 0, "30d": 0, "all": 9}


def test_hours_and_days_are_kept_relative_to_the_newest():
    """Buckets that no window can reach any more are left out; days add up their hours."""
    hours = {
        UnixSeconds(DAY + 5 * HOUR_S): 1,
        UnixSeconds(DAY): 2,
        UnixSeconds(DAY - 44 * HOUR_S): 3,
        UnixSeconds(DAY - 31 * DAY_S): 4,
        UnixSeconds(DAY - 31 * DAY_S - HOUR_S): 5,
    }

    assert newest_hours({}) == newest_days({}) == {}
    assert sum(newest_hours(hours).values()) == 3
    assert newest_days(hours) == {DAY - 31 * DAY_S: 4, DAY - 2 * DAY_S: 3, DAY: 3}


def test_venues_are_ranked_and_fees_named():
    """Most used first, then by name; what cancelled out is not shown."""
    counters = {
        VENUE + "orca": 2,
        VENUE + "b": 1,
        VENUE + "a": 1,
        VENUE + "gone": 0,
        FEE + "tip": 7,
    }

    assert list(top_venues(counters).items()) == [("orca", 2), ("a", 1), ("b", 1)]
    assert fees_by_kind(counters) == {"tip": 7}
