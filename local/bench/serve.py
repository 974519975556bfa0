"""What readers, openers and the provider wait for, against a deployed stack."""

from collections.abc import Callable

from local.bench.hops import Hops
from local.bench.live import Delivery, LiveStack, Opening
from local.bench.report import Figure, latency, print_figures
from local.bench.samples import median, percentile, timed
from local.bench.session import Session

_READS = 150
_PAGE_READS = 60
_OPENED = ("casual_one", "casual_two", "weekender", "clumsy", "casual_three")
_MID = "swing_trader"
_DAYS = 730
_DELIVERIES = 40
_P95 = 0.95
_EMPTY = "the same hops through functions that only pass on, seen by the same kind of reader"


def run(session: Session) -> None:
    """Print latencies of first opens, reads and webhooks, and what the provider was asked for."""
    live = session.live()
    cold = live.warm_up()
    openings = [live.open(live.wallet(role)) for role in _OPENED]
    print_figures(session.console, "First open of a wallet", _opening_figures(cold, openings))
    mid = live.wallet(_MID)
    figures = _deep_figures(live, mid)
    print_figures(session.console, f"From paste to the whole history: {_MID}", figures)
    print_figures(session.console, "Reads of an open wallet", _read_figures(live, mid))
    deliveries = [live.deliver(mid) for _ in range(_DELIVERIES)]
    empty = _empty_paths(live)
    figures = _webhook_figures(deliveries, empty)
    print_figures(session.console, "Webhooks, one event at a time", figures)


def _opening_figures(cold: Opening, openings: list[Opening]) -> list[Figure]:
    counted = ", ".join(str(opening.transactions) for opening in openings)
    how = f"median of {len(openings)} wallets of {counted} transactions within 14 days"
    return [
        latency("placeholder", median([o.placeholder_s for o in openings]), goal_s=0.2, note=how),
        latency(
            "first useful numbers",
            median([o.first_numbers_s for o in openings]),
            goal_s=3,
            note="a summary that counts transactions, seen by a reader; goal 1 to 3 s",
        ),
        latency("  slowest", max(o.first_numbers_s for o in openings), goal_s=3),
        latency("first chunk folded", median([o.opened_s for o in openings])),
        latency("placeholder, cold", cold.placeholder_s, note="every function's first call"),
        latency("first useful numbers, cold", cold.first_numbers_s, note="the same"),
    ]


def _deep_figures(live: LiveStack, address: str) -> list[Figure]:
    """Open a wallet, bring in all its history, and ask for the same again."""
    before = live.upstream_counters()
    opened_s, _ = timed(lambda: live.open(address))
    deepened_s, accepted_s = timed(lambda: live.deepen(address, days=_DAYS))
    live.settle()
    first = live.upstream_counters()
    summary = live.summary(address)
    again_s, again_accepted_s = timed(lambda: live.deepen(address, days=_DAYS))
    live.summary(address)
    second = live.upstream_counters()
    counted = summary["tx_counts"]["all"]
    calls = first["total_calls"] - before["total_calls"]
    spent = first["credits"] - before["credits"]
    repeated = second["total_calls"] - first["total_calls"]
    total_s = opened_s + deepened_s
    return [
        latency(
            f"paste to {summary['state']}",
            total_s,
            note=f"{counted} transactions, {summary['history_span_days']} days; "
            f"{counted / total_s:.0f} tx/s, in chunks of 30 days",
        ),
        latency("job accepted", max(accepted_s, again_accepted_s), goal_s=0.2, note="of two"),
        Figure("upstream calls, first analysis", str(calls), note=f"{spent:,} credits"),
        Figure(
            "upstream calls, second analysis",
            str(repeated),
            "0",
            repeated == 0,
            f"the same request again, answered after {again_s:.2f} s",
        ),
    ]


def _read_figures(live: LiveStack, address: str) -> list[Figure]:
    base = f"/v1/wallets/{address}"
    tag = live.get(f"{base}/summary").headers["ETag"]
    unchanged = {"If-None-Match": tag}
    if (status := live.get(f"{base}/summary", unchanged).status_code) != 304:
        raise AssertionError(f"an unchanged summary was answered {status}")
    return [
        *_reads("summary", _READS, lambda: live.get(f"{base}/summary")),
        *_reads("summary unchanged (304)", _READS, lambda: live.get(f"{base}/summary", unchanged)),
        *_reads("holdings", _PAGE_READS, lambda: live.get(f"{base}/holdings")),
        *_reads(
            "transactions, a page of 50",
            _PAGE_READS,
            lambda: live.get(f"{base}/transactions?limit=50"),
        ),
        *_reads(
            "positions, a page of 50",
            _PAGE_READS,
            lambda: live.get(f"{base}/positions?limit=50"),
        ),
        *_reads("extremes", _PAGE_READS, lambda: live.get(f"{base}/extremes")),
    ]


def _reads(what: str, repeats: int, read: Callable[[], object]) -> list[Figure]:
    samples = [timed(read)[0] for _ in range(repeats)]
    note = f"{repeats} reads, one connection, through the local API"
    return [
        latency(f"{what}, p50", median(samples), goal_s=0.2, note=note),
        latency(f"{what}, p95", percentile(samples, _P95), goal_s=0.2),
    ]


def _empty_paths(live: LiveStack) -> list[float]:
    """Send messages the same way through functions that do nothing but pass on."""
    hops = Hops(live.running)
    try:
        hops.pass_through()
        return [hops.pass_through() for _ in range(_DELIVERIES)]
    finally:
        hops.close()


def _webhook_figures(deliveries: list[Delivery], empty: list[float]) -> list[Figure]:
    acks = [delivery.ack_s for delivery in deliveries]
    visible = [delivery.visible_s for delivery in deliveries]
    note = f"{len(deliveries)} events; a reader asks for the summary each 20 ms"
    return [
        latency("acknowledged, p50", median(acks)),
        latency("acknowledged, p95", percentile(acks, _P95)),
        latency("summary updated, p50", median(visible), goal_s=0.2, note=note),
        latency("summary updated, p95", percentile(visible, _P95), goal_s=0.2),
        latency("  the emulator's own share, p50", median(empty), note=_EMPTY),
        latency("  the emulator's own share, p95", percentile(empty, _P95)),
        latency("  the rest, p50", max(median(visible) - median(empty), 0), goal_s=0.2),
    ]
