"""`/v1/*` from the gateway's event to the gateway's response, over fakes."""

import json

import pytest

from oof.app.check_health import HealthStatus
from oof.domain.errors import StoreUnavailable
from oof.domain.jobs import WorkStatus
from oof.domain.snapshot.model import Coverage, LastError, MintBalance, WalletState
from oof.domain.units import SOL_MINT, Address, Lamports, Mint, RawAmount, Slot, UnixSeconds
from oof.entrypoints.http.caller import caller_name
from oof.ports.health import Reading
from oof.ports.history import WalletHead
from tests.support.serving import NOW_S, WALLET, Serving, caller, summary
from tests.support.transactions import (
    GENESIS,
    address,
    balance,
    movement,
    signature,
    transaction,
)

OTHER = Address("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
SUMMARY = f"/v1/wallets/{WALLET}/summary"
BACKFILL = f"/v1/wallets/{WALLET}/history/backfill"
HOUR, DAY = 3_600, 86_400


class Dependency:
    """A probe that finds what it is told to."""

    def __init__(self, name: str, found: Reading | None, *, is_vital: bool = False) -> None:
        self.name = name
        self.is_vital = is_vital
        self._found = found

    def read(self) -> Reading:
        """What it was told, or silence."""
        if self._found is None:
            raise StoreUnavailable("silent")
        return self._found


@pytest.fixture
def serving() -> Serving:
    """An API over empty stores."""
    return Serving()


def test_a_summary_is_one_read(serving: Serving) -> None:
    """A known wallet costs exactly one read of the hot table and starts nothing."""
    serving.summaries.put_if_newer(summary())

    answer = caller(serving.api())("GET", SUMMARY)

    assert answer.status == 200
    assert serving.summaries.reads == 1
    assert serving.runs.runs == {}


def test_a_summary_states_what_is_known(serving: Serving) -> None:
    """Balances, counts, fees, coverage and provenance arrive exact, as strings where amounts."""
    serving.summaries.put_if_newer(
        summary(
            balances=(MintBalance(SOL_MINT, RawAmount(1_500_000_000), 9, Slot(5), True, True),),
            balances_count=21,
            venues={"pump_fun": 20, "whirlpool": 13},
            fees_lamports={
                "network_fee": Lamports(5_000),
                "tip": Lamports(10),
                "bot_fee": Lamports(7),
            },
            oldest_time=UnixSeconds(NOW_S - 2 * DAY - 1),
            newest_time=UnixSeconds(NOW_S),
            tail_checked_at=UnixSeconds(NOW_S - 12),
            coverage=Coverage(
                addresses=3,
                complete=False,
                oldest_time=UnixSeconds(NOW_S - 14 * DAY),
                newest_time=None,
                stopped_by="days",
            ),
            last_error=LastError("upstream_unavailable", NOW_S, None),
        )
    )

    body = caller(serving.api())("GET", SUMMARY).json

    assert body["balances"] == [
        {
            "amount": {
                "raw": "1500000000",
                "decimals": 9,
                "ui": "1.5",
                "mint": SOL_MINT,
                "symbol": "SOL",
            },
            "slot_ref": 5,
            "provisional": ["history_partial", "order_unresolved"],
            "order_unknown": False,
        }
    ]
    assert body["balances_count"] == 21
    assert body["venues"] == [
        {"venue": "pump_fun", "trades": 20},
        {"venue": "whirlpool", "trades": 13},
    ]
    assert body["paid"] == {
        "network_fee_lamports": "5000",
        "priority_fee_lamports": "0",
        "tip_lamports": "10",
        "other_fees_lamports": {"bot_fee": "7"},
        "total_lamports": "5017",
    }
    assert body["history_span_days"] == 3
    assert body["freshness_lag_sec"] == 12
    assert body["coverage"]["oldest_time"] == "2025-05-18T12:30:00Z"
    assert body["coverage"]["stopped_by"] == "days"
    assert body["last_error"] == {
        "code": "upstream_unavailable",
        "at": "2025-06-01T12:30:00Z",
        "retry_at": None,
    }


def test_windows_age_without_events(serving: Serving) -> None:
    """Counts of 1d, 7d and 30d follow the clock though the stored summary stays the same."""
    hour = NOW_S - NOW_S % HOUR
    day = NOW_S - NOW_S % DAY
    serving.summaries.put_if_newer(
        summary(
            hourly={UnixSeconds(hour): 4, UnixSeconds(hour - 30 * HOUR): 9},
            daily={UnixSeconds(day): 4, UnixSeconds(day - DAY): 9, UnixSeconds(day - 20 * DAY): 5},
        )
    )
    call = caller(serving.api())

    before = call("GET", SUMMARY)
    serving.clock.advance(days=8)
    after = call("GET", SUMMARY)

    assert before.json["tx_counts"] == {"1d": 4, "7d": 13, "30d": 18, "all": 36, "failed": 2}
    assert after.json["tx_counts"] == {"1d": 0, "7d": 0, "30d": 18, "all": 36, "failed": 2}
    assert before.headers["ETag"] != after.headers["ETag"]


def test_a_miss_opens_the_wallet_at_once(serving: Serving) -> None:
    """An unseen wallet is WARMING_UP in the same answer, and its opening is a job to watch."""
    call = caller(serving.api())

    answer = call("GET", SUMMARY)

    assert answer.status == 200
    assert answer.json["state"] == "WARMING_UP"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["RateLimit-Policy"] == '"opens";q=3;w=86400'
    (run,) = serving.runs.runs.values()
    assert (run.wallet, run.mode) == (WALLET, "open")
    job = call("GET", answer.json["job"]["href"])
    assert (job.status, job.json["status"]) == (200, "queued")


def test_misses_share_one_opening(serving: Serving) -> None:
    """Asking again, by anyone, joins the work under way; each caller has its own job."""
    api = serving.api()
    mine, theirs = caller(api, ip="192.0.2.1"), caller(api, ip="192.0.2.2")

    jobs = [call("GET", SUMMARY).json["job"]["id"] for call in (mine, mine, theirs)]

    assert len(serving.runs.runs) == 1
    assert jobs[0] == jobs[1] != jobs[2]


def test_an_untracked_wallet_is_opened_again(serving: Serving) -> None:
    """A wallet that nobody read for long warms up anew."""
    serving.summaries.put_if_newer(summary(state=WalletState.UNTRACKED))

    assert caller(serving.api())("GET", SUMMARY).json["state"] == "WARMING_UP"
    assert len(serving.runs.runs) == 1


def test_a_failed_opening_is_tried_again_when_due(serving: Serving) -> None:
    """While warming up, an error shows, and once its time has come the wallet is opened again."""
    retry_at = UnixSeconds(NOW_S + 60)
    error = LastError("upstream_unavailable", NOW_S, retry_at)
    serving.summaries.put_if_newer(summary(state=WalletState.WARMING_UP, last_error=error))
    call = caller(serving.api())

    assert call("GET", SUMMARY).json["last_error"]["retry_at"] == "2025-06-01T12:31:00Z"
    assert serving.runs.runs == {}
    serving.clock.advance(seconds=60)
    call("GET", SUMMARY)
    assert len(serving.runs.runs) == 1


def test_an_opening_that_failed_rests(serving: Serving) -> None:
    """Before anything is known of the wallet, asking on and on starts nothing for a minute."""
    call = caller(serving.api())
    call("GET", SUMMARY)
    (run,) = serving.runs.runs.values()
    serving.works.finish(str(run.work_id), 1, WorkStatus.FAILED, at=NOW_S, reason="transient")

    meanwhile = [call("GET", SUMMARY).json["job"]["href"] for _ in range(5)]
    serving.clock.advance(seconds=60)
    call("GET", SUMMARY)

    assert call("GET", meanwhile[0]).json["status"] == "failed"
    assert len(set(meanwhile)) == 1
    assert len(serving.runs.runs) == 2


def test_opens_are_capped_per_caller(serving: Serving) -> None:
    """Past the day's cap a miss is 429 with the time until midnight; others still open."""
    serving.opens_per_caller = 1
    api = serving.api()
    call = caller(api)
    call("GET", SUMMARY)

    refused = call("GET", f"/v1/wallets/{OTHER}/summary")

    assert (refused.status, refused.json["code"]) == (429, "too_many_opens")
    left = str(11 * HOUR + HOUR // 2)
    assert refused.headers["Retry-After"] == left
    assert refused.headers["RateLimit"] == f'"opens";r=0;t={left}'
    assert caller(api, ip="192.0.2.8")("GET", f"/v1/wallets/{OTHER}/summary").status == 200


def test_a_spent_budget_refuses_new_wallets_alone(serving: Serving) -> None:
    """A miss is 503 until midnight; what is open is read, and older history refused."""
    serving.summaries.put_if_newer(summary(state=WalletState.SEEN_PARTIAL))
    serving.gate.charge(950)
    call = caller(serving.api())

    refused = call("GET", f"/v1/wallets/{OTHER}/summary")
    deep = call("POST", f"/v1/wallets/{WALLET}/history/backfill")

    assert (refused.status, refused.json["code"]) == (503, "budget_spent")
    assert refused.headers["Retry-After"] == str(11 * HOUR + HOUR // 2)
    assert (deep.status, deep.json["code"]) == (503, "budget_spent")
    assert call("GET", SUMMARY).status == 200
    assert not serving.runs.runs


def test_an_unchanged_summary_is_304(serving: Serving) -> None:
    """The ETag holds while only freshness moves, and the answer then has an empty body."""
    seen = summary(tail_checked_at=NOW_S)
    serving.summaries.put_if_newer(seen)
    call = caller(serving.api())

    first = call("GET", SUMMARY)
    serving.clock.advance(seconds=40)
    again = call("GET", SUMMARY, headers={"If-None-Match": f'"else", W/{first.headers["ETag"]}'})
    serving.summaries.put_if_newer(summary(revision=8, tx_count=37))
    changed = call("GET", SUMMARY, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert (again.status, again.text) == (304, "")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (changed.status, changed.json["tx_counts"]["all"]) == (200, 37)


@pytest.mark.parametrize("state", [WalletState.WARMING_UP, WalletState.REFUSED])
def test_an_unsettled_wallet_is_not_kept(serving: Serving, state: WalletState) -> None:
    """Below SEEN_PARTIAL nobody caches."""
    serving.summaries.put_if_newer(summary(state=state))

    assert caller(serving.api())("GET", SUMMARY).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("text", ["abc", "0" * 44, "1" * 31, "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQ"])
def test_an_invalid_address_names_the_field(serving: Serving, text: str) -> None:
    """What is no address of 32 bytes is a problem 400 on `address`, and costs no read."""
    answer = caller(serving.api())("GET", f"/v1/wallets/{text}/summary")

    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["code"] == "invalid_input"
    assert [error["field"] for error in answer.json["errors"]] == ["address"]
    assert answer.json["instance"] == f"/v1/wallets/{text}/summary"
    assert serving.summaries.reads == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("kind=nothing", "kind"),
        ("status=maybe", "status"),
        ("mint=abc", "mint"),
        ("from=yesterday", "from"),
        ("to=2025-13-01", "to"),
    ],
)
def test_invalid_filters_name_the_field(serving: Serving, query: str, field: str) -> None:
    """Each filter is checked, and the problem says which one is wrong."""
    answer = caller(serving.api())("GET", f"/v1/wallets/{WALLET}/transactions?{query}")

    assert (answer.status, answer.json["code"]) == (400, "invalid_input")
    assert [error["field"] for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("from=2025-06-15", 2),
        ("from=2025-06-15T15:06:40Z", 2),
        ("from=2025-06-15T15:06:41Z", 1),
        ("from=2025-06-15T17:06:41%2B02:00", 1),
        ("from=2025-06-15T17:06:41+02:00", 1),
        ("to=2025-06-15T15:06:41", 1),
        ("from=2025-06-15&to=2025-06-16&status=ok", 2),
        ("to=2025-06-15", 0),
    ],
)
def test_times_may_be_dates_or_moments(serving: Serving, query: str, found: int) -> None:
    """UTC unless they say otherwise, an unescaped plus included."""
    serving.history.track(WALLET, WalletHead(WalletState.SEEN_FULL, 1, 1, None))
    serving.history.store(
        transaction(f"tx {n}", payer=WALLET, slot=n + 1, time=GENESIS + n) for n in range(2)
    )

    answer = caller(serving.api())("GET", f"/v1/wallets/{WALLET}/transactions?{query}")

    assert (answer.status, len(answer.json["items"])) == (200, found)


def test_holdings_come_in_pages(serving: Serving) -> None:
    """Pages join to the whole, provenance included; emptied mints on request alone."""
    mints = [Mint(address(f"mint {n}")) for n in range(3)]
    serving.history.track(WALLET, WalletHead(WalletState.SEEN_FULL, 1, 1, Slot(9)))
    serving.history.store(
        transaction(
            f"tx {n}",
            payer=WALLET,
            slot=n + 1,
            movements=(movement(WALLET, n, mint=mint),),
            balances=(balance(WALLET, 0, n, mint=mint, account=address(f"account {n}")),),
        )._replace(decimals={mint: 0})
        for n, mint in enumerate(mints)
    )
    call = caller(serving.api())
    path = f"/v1/wallets/{WALLET}/holdings?limit=1"

    first = call("GET", path)
    second = call("GET", f"{path}&cursor={first.json['next_cursor']}")
    foreign = call("GET", f"{path}&empty=true&cursor={first.json['next_cursor']}")
    whole = call("GET", f"/v1/wallets/{WALLET}/holdings?empty=true")

    assert [page.json["items"][0]["amount"]["mint"] for page in (first, second)] == mints[:0:-1]
    assert second.json["next_cursor"] is None
    assert first.json["items"][0]["sig_ref"] == signature("tx 2")
    assert (first.json["as_of_slot"], first.headers["Cache-Control"]) == (9, "public, max-age=60")
    assert (foreign.status, foreign.json["code"]) == (400, "invalid_cursor")
    assert len(whole.json["items"]) == 3


def test_an_unknown_parameter_is_refused(serving: Serving) -> None:
    """A misspelt filter is a problem, not an unfiltered answer."""
    answer = caller(serving.api())("GET", f"/v1/wallets/{WALLET}/transactions?mnt={OTHER}")

    assert (answer.status, answer.json["code"]) == (400, "unknown_parameter")
    assert answer.json["errors"][0]["field"] == "mnt"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/nothing", 404, "route_not_found"),
        ("GET", "/", 404, "route_not_found"),
        ("POST", SUMMARY, 405, "method_not_allowed"),
        ("GET", BACKFILL, 405, "method_not_allowed"),
        ("GET", "/v1/jobs/unknown", 404, "not_found"),
        ("GET", "/v1/problems/unknown", 404, "not_found"),
    ],
)
def test_routing_faults_are_problems(
    serving: Serving, method: str, path: str, status: int, code: str
) -> None:
    """Unknown paths, methods and ids answer in problem+json like everything else."""
    answer = caller(serving.api())(method, path)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-Id"] == answer.json["request_id"] == "JKJaXmPLvHcESHA="
    assert (answer.headers.get("Allow") is not None) == (status == 405)


def test_head_is_get_without_its_body(serving: Serving) -> None:
    """The same status and headers, and nothing else."""
    serving.summaries.put_if_newer(summary())
    call = caller(serving.api())

    got, head = call("GET", SUMMARY), call("HEAD", SUMMARY)

    assert (head.status, head.text) == (got.status, "")
    assert head.headers == got.headers


def test_a_callers_request_id_is_kept(serving: Serving) -> None:
    """A sound id of the caller's own comes back; an unsound one is replaced."""
    call = caller(serving.api())

    sound = call("GET", "/v1/health", headers={"X-Request-Id": "trace-1.a"})
    unsound = call("GET", "/v1/health", headers={"X-Request-Id": "a b\nc"})

    assert sound.headers["X-Request-Id"] == "trace-1.a"
    assert unsound.headers["X-Request-Id"] == "JKJaXmPLvHcESHA="


def test_a_mistake_of_ours_shows_nothing_internal(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unforeseen fault is a 500 problem without its message."""

    def fail(_: Address) -> None:
        raise RuntimeError("password of the database")

    monkeypatch.setattr(serving.summaries, "get", fail)
    answer = caller(serving.api())("GET", SUMMARY)

    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert "password" not in answer.text


def test_a_silent_store_is_503(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transient fault says when to come back."""

    def fail(_: Address) -> None:
        raise StoreUnavailable("the hot table did not answer")

    monkeypatch.setattr(serving.summaries, "get", fail)
    answer = caller(serving.api())("GET", SUMMARY)

    assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
    assert answer.headers["Retry-After"] == "2"


def test_an_ipv6_network_is_one_caller() -> None:
    """A caller cannot become many by choosing addresses of its own /64."""
    assert caller_name("2001:db8::1") == caller_name("2001:db8::ffff:2") == "2001:db8::/64"
    assert caller_name("2001:db8:0:1::1") != caller_name("2001:db8::1")
    assert caller_name("") == "unknown"
    assert caller_name("::ffff:192.0.2.7") == caller_name("192.0.2.7") == "192.0.2.7"


@pytest.mark.parametrize(
    ("probes", "verdict", "status"),
    [
        ((Dependency("hot_table", Reading(), is_vital=True),), HealthStatus.HEALTHY, 200),
        (
            (
                Dependency("hot_table", Reading(), is_vital=True),
                Dependency("queue", Reading(figures={"waiting": 9}, concern="backlog")),
            ),
            HealthStatus.DEGRADED,
            200,
        ),
        (
            (
                Dependency("hot_table", Reading(), is_vital=True),
                Dependency("database", None),
            ),
            HealthStatus.DEGRADED,
            200,
        ),
        ((Dependency("hot_table", None, is_vital=True),), HealthStatus.UNHEALTHY, 503),
    ],
)
def test_health_is_no_better_than_its_parts(
    serving: Serving, probes: tuple[Dependency, ...], verdict: HealthStatus, status: int
) -> None:
    """A concern or a silent helper degrades; a silent vital dependency is unhealthy, and 503."""
    serving.probes = probes

    answer = caller(serving.api())("GET", "/v1/health")

    assert (answer.status, answer.json["status"]) == (status, verdict)
    assert set(answer.json["components"]) == {probe.name for probe in probes}


def test_browsers_of_the_set_origins_may_read_our_headers(serving: Serving) -> None:
    """CORS names the origin that asked and exposes what clients need; others get nothing."""
    serving.cors_origins = ("https://a.example", "https://b.example")
    call = caller(serving.api())

    ours = call("GET", "/v1/health", headers={"Origin": "https://b.example"})
    other = call("GET", "/v1/health", headers={"Origin": "https://evil.example"})

    assert ours.headers["Access-Control-Allow-Origin"] == "https://b.example"
    exposed = set(ours.headers["Access-Control-Expose-Headers"].split(","))
    assert exposed == {
        "ETag",
        "Link",
        "Location",
        "Retry-After",
        "RateLimit",
        "RateLimit-Policy",
        "X-Request-Id",
    }
    assert "Access-Control-Allow-Origin" not in other.headers


def test_one_line_is_logged_a_request(
    serving: Serving, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log has the request's outcome under a constant name, beside its metrics."""
    serving.summaries.put_if_newer(summary())
    caller(serving.api())("GET", SUMMARY)

    (served,) = [vars(line) for line in caplog.records if line.message == "request_served"]
    assert (served["path"], served["status"]) == (SUMMARY, 200)
    measured = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert any("RequestTime" in line for line in measured)


def test_mints_without_decimals_keep_their_raw_amount(serving: Serving) -> None:
    """Nothing is guessed: without decimals there is no ui amount."""
    balance = MintBalance(Mint(OTHER), RawAmount(12), None, Slot(5), False, False)
    serving.summaries.put_if_newer(summary(balances=(balance,)))

    amount = caller(serving.api())("GET", SUMMARY).json["balances"][0]["amount"]

    assert amount == {"raw": "12", "decimals": None, "ui": None, "mint": OTHER, "symbol": None}
