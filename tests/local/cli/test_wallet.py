"""`./oof wallet`, against the API over fakes: what is printed, and how it waits."""

import io
import re
from collections.abc import Callable

import httpx
import pytest
from rich.console import Console

from local.cli import commands
from local.cli.api import WalletApi
from local.cli.faults import CliFault
from local.cli.wallet import show_wallet
from local.cli.watch import Watcher
from oof.domain.jobs import Progress, WorkStatus
from oof.domain.snapshot.model import NO_POSITIONS, PositionTotals, WalletPnl, WalletState
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Mint, UnixSeconds
from oof.ports.history import WalletHead
from tests.support.serving import NOW_S, WALLET, Serving, caller, summary
from tests.support.transactions import (
    GENESIS,
    address,
    balance,
    movement,
    trade,
    transaction,
)

MINT = Mint(address("mint"))


@pytest.fixture
def serving() -> Serving:
    """A wallet with a swap, a transfer whose time is unknown, and a failed transaction."""
    serving = Serving()
    serving.history.track(WALLET, WalletHead(WalletState.SEEN_FULL, 1, 1, None))
    decimals = {SOL_MINT: 9, MINT: 6}
    serving.history.store(
        [
            transaction(
                "swap",
                payer=WALLET,
                slot=10,
                trades=(trade(WALLET, "pump_fun", MINT),),
                movements=(movement(WALLET, 5, kind=Kind.TRADE, mint=MINT),),
                balances=(
                    balance(WALLET, 0, 63_177_900_000),
                    balance(WALLET, 0, 21_240_000_000_000, mint=MINT, account=address("account")),
                ),
            )._replace(decimals=decimals),
            transaction(
                "transfer",
                payer=WALLET,
                slot=20,
                time=None,
                movements=(movement(WALLET, -1_500_000_000),),
            ),
            transaction("failed", payer=WALLET, slot=30, time=GENESIS + 9, failed=True),
        ]
    )
    return serving


def client(serving: Serving) -> WalletApi:
    """A client whose requests go straight to the API's code."""
    call = caller(serving.api())

    def answer(request: httpx.Request) -> httpx.Response:
        got = call(request.method, request.url.raw_path.decode())
        return httpx.Response(got.status, headers=dict(got.headers), text=got.text)

    return WalletApi("http://api.test", httpx.MockTransport(answer))


def printed(serving: Serving, *, width: int = 140, trades_only: bool = False) -> str:
    """What the command prints on a console of that width."""
    out = io.StringIO()
    show_wallet(
        client(serving),
        WALLET,
        progress=Console(file=io.StringIO()),
        out=Console(file=out, width=width),
        days=None,
        limit=50,
        trades_only=trades_only,
    )
    return out.getvalue()


def watcher(serving: Serving, sleep: Callable[[float], None]) -> Watcher:
    """A watcher whose waiting is the test's."""
    ticks = iter(range(100_000))
    console = Console(file=io.StringIO())
    return Watcher(client(serving), console, sleep=sleep, clock=lambda: float(next(ticks)))


def test_a_wallet_is_shown_whole(serving: Serving) -> None:
    """Tally, holdings with SOL first, every transaction newest first, and a curl to try."""
    serving.summaries.put_if_newer(summary(tx_count=3, failed_count=1, trade_count=1))

    text = printed(serving)

    assert "1 swap, 1 transfer, 1 failed" in text
    assert re.search(r"SOL +63\.1779 +So1111", text)
    assert re.search(r"21\.24M", text)
    assert text.index("63.1779") < text.index("21.24M")
    rows = [line for line in text.splitlines() if line.lstrip().startswith("2025-06-15")]
    assert [re.split(r"  +", row.strip())[1] for row in rows] == ["failed", "transfer", "swap"]
    assert "~" in rows[1]
    assert "~" not in rows[0] + rows[2]
    assert "1.5 SOL" in rows[1]
    assert "0.000001 SOL" in rows[2]
    assert f"curl -s http://api.test/v1/wallets/{WALLET}/summary" in text


def test_trades_can_be_shown_alone(serving: Serving) -> None:
    """The demo shows what was traded."""
    serving.summaries.put_if_newer(summary())

    text = printed(serving, trades_only=True)

    assert "Latest trades" in text
    assert text.count("2025-06-15") == 1


def test_a_narrow_terminal_loses_columns_not_words(serving: Serving) -> None:
    """At 80 columns nothing is cut in the middle."""
    serving.summaries.put_if_newer(summary())

    text = printed(serving, width=80)

    assert "25-06-15" in text
    assert "signature" not in text
    shown = [line for line in text.splitlines() if "curl" not in line and "http" not in line]
    assert all(len(line) <= 80 for line in shown)
    assert f"{MINT}" in text


def test_an_empty_wallet_says_so() -> None:
    """Nothing held and nothing done is no empty table."""
    serving = Serving()
    serving.history.track(WALLET, WalletHead(WalletState.SEEN_FULL, 1, 1, None))
    serving.summaries.put_if_newer(summary(tx_count=0))

    text = printed(serving)

    assert text.count("none") == 4


def test_an_opening_is_watched_until_it_is_served(serving: Serving) -> None:
    """The watcher follows the job, then waits for the summary to settle."""
    steps: list[str] = []

    def sleep(_: float) -> None:
        (run,) = serving.runs.runs.values()
        work_id = str(run.work_id)
        if not steps:
            serving.works.report(work_id, 1, Progress(1, 3, "signatures"), at=NOW_S)
            steps.append("reported")
        elif steps == ["reported"]:
            serving.summaries.put_if_newer(summary(state=WalletState.WARMING_UP, revision=1))
            serving.works.finish(work_id, 1, WorkStatus.SUCCEEDED, at=NOW_S)
            steps.append("finished")
        else:
            serving.summaries.put_if_newer(summary(tx_count=3))
            steps.append("projected")

    opened = watcher(serving, sleep).open(WALLET)

    assert opened["state"] == "SEEN_PARTIAL"
    assert steps == ["reported", "finished", "projected"]


def test_a_refused_opening_is_said(serving: Serving) -> None:
    """What the guard found is what the person reads."""

    def sleep(_: float) -> None:
        (run,) = serving.runs.runs.values()
        serving.works.finish(str(run.work_id), 1, WorkStatus.FAILED, at=NOW_S, reason="too_active")

    with pytest.raises(CliFault, match="too active"):
        watcher(serving, sleep).open(WALLET)


def test_a_wallet_that_is_not_served_is_said(serving: Serving) -> None:
    """A wallet refused before is no table of zeros."""
    serving.summaries.put_if_newer(summary(state=WalletState.REFUSED))

    with pytest.raises(CliFault, match="not followed: refused"):
        watcher(serving, lambda _: None).open(WALLET)


def test_silence_ends_the_wait(serving: Serving) -> None:
    """A job that never moves is not watched for ever."""
    with pytest.raises(CliFault, match="five minutes"):
        watcher(serving, lambda _: None).open(WALLET)


def test_deeper_history_is_asked_for(serving: Serving) -> None:
    """`--days` starts a backfill and waits for its end."""
    serving.summaries.put_if_newer(summary())

    def sleep(_: float) -> None:
        (run,) = serving.runs.runs.values()
        serving.works.finish(str(run.work_id), 1, WorkStatus.SUCCEEDED, at=UnixSeconds(NOW_S))

    assert watcher(serving, sleep).deepen(WALLET, 60)["state"] == "SEEN_PARTIAL"


def test_a_problem_is_one_line(serving: Serving) -> None:
    """The API's own words, with status and code."""
    with pytest.raises(CliFault, match=r"address: .* \(400 invalid_input\)"):
        client(serving).summary("abc")


def test_a_silent_api_says_what_to_do() -> None:
    """Nothing there means: bring it up."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(CliFault, match="make up"):
        WalletApi("http://api.test", httpx.MockTransport(refuse)).summary(WALLET)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--help"], 0, ""),
        ([], 0, ""),
        (["wallet"], 2, "Missing parameter: address"),
        (["nothing"], 2, "No such command"),
        (["wallet", "abc", "--api", "http://127.0.0.1:1"], 1, "make up"),
        (["normalize", "/no/such/file"], 2, "cannot read"),
    ],
)
def test_commands_end_with_a_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    """Help is no fault; whatever is wrong is one line on the error output."""
    monkeypatch.setattr("sys.argv", ["oof", *arguments])

    assert commands.main() == code
    errors = capsys.readouterr().err
    assert said in errors
    assert len(errors.splitlines()) <= 1


def test_positions_are_waited_for_until_all_is_counted(serving: Serving) -> None:
    """A fold under way is seconds away; one that waits for somebody else is not waited for."""
    folding = PositionTotals(is_folding=True)
    serving.summaries.put_if_newer(summary(positions=folding))
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            serving.summaries.put_if_newer(summary(revision=8, positions=NO_POSITIONS))

    found = watcher(serving, nap)
    assert not found.counted(WALLET, found.open(WALLET))["positions"]["folding"]
    assert len(naps) == 2

    serving.summaries.put_if_newer(summary(revision=9, positions=folding))
    assert found.counted(WALLET, found.open(WALLET))["positions"]["folding"]
    assert len(naps) < 30


@pytest.mark.parametrize("waiting", [WalletPnl(pending_exits=3), WalletPnl(unvalued=36)])
def test_prices_of_what_was_just_brought_in_are_waited_for(
    serving: Serving, waiting: WalletPnl
) -> None:
    """Until no sale waits for one and no token to be valued, or patience ends."""
    serving.summaries.put_if_newer(summary(pnl=waiting))
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            serving.summaries.put_if_newer(summary(revision=8, pnl=WalletPnl()))

    found = watcher(serving, nap)
    told = found.priced(WALLET, found.open(WALLET))
    left_out = told["pnl"]["left_out"]
    assert (left_out["pending_exits"], left_out["unvalued_tokens"]) == (0, 0)
    assert len(naps) == 2
