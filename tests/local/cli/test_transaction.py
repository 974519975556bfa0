"""`./oof tx`: what is drawn, where it comes from, and what is said when it cannot be."""

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import zstandard
from rich.console import Console

from local.cli import commands
from local.cli.chain_rpc import ChainRpc
from local.cli.faults import CliFault
from local.cli.picture import draw_transaction
from local.cli.transaction import show_transactions
from oof.domain.transactions.model import (
    Anomaly,
    Kind,
    Mark,
    Movement,
    NormalizedTransaction,
    Role,
    Status,
    Trade,
)
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.programs.jito import JITO_TIP_ACCOUNTS
from oof.domain.units import SOL_MINT, Address, Mint, RawAmount
from tests.support.transactions import address, signature, transaction
from tests.unit.domain.transactions.building import SYSTEM_PROGRAM, Draft, key, send

USDC = Mint("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v")
COIN = Mint(address("coin"))
ALICE, POOL, KEEPER = address("alice"), address("pool"), address("keeper")
JITO = Address(min(JITO_TIP_ACCOUNTS))


def moved(
    owner: Address | None, raw: int, mint: Mint, kind: Kind, other: Address | None
) -> Movement:
    """Give one movement."""
    return Movement(owner, mint, RawAmount(raw), kind, other)


def fill() -> NormalizedTransaction:
    """Give a limit order of Alice's, filled by a keeper through two pools."""
    trade = Trade(
        trader=ALICE,
        sold_mint=USDC,
        sold_raw=RawAmount(182_560_735),
        bought_mint=COIN,
        bought_raw=RawAmount(2**64 - 1),
        venue="jupiter_limit_v1",
        route=("unknown", "raydium_v4"),
        outer_index=7,
        role=Role.MAKER,
        arbitrage=False,
        terminal="axiom",
    )
    movements = (
        moved(KEEPER, -10_000_000, SOL_MINT, Kind.TIP, JITO),
        moved(JITO, 10_000_000, SOL_MINT, Kind.TIP, KEEPER),
        moved(KEEPER, -2_039_280, SOL_MINT, Kind.RENT, POOL),
        moved(POOL, 2_039_280, SOL_MINT, Kind.RENT, KEEPER),
        moved(ALICE, -182_560_735, USDC, Kind.TRADE, POOL),
        moved(POOL, 182_560_735, USDC, Kind.TRADE, ALICE),
        moved(POOL, -(2**64 - 1), COIN, Kind.TRADE, ALICE),
        moved(ALICE, 2**64 - 1, COIN, Kind.TRADE, POOL),
    )
    return transaction("fill", payer=KEEPER, trades=(trade,), movements=movements)._replace(
        tx_index=17,
        decimals={USDC: 6, SOL_MINT: 9, COIN: 9},
        anomalies=(Anomaly("owner_inferred", "of one account\x1b[2J"),),
    )


def drawn(found: NormalizedTransaction, *, width: int = 100, is_whole: bool = False) -> str:
    """Draw on a console of that width."""
    out = io.StringIO()
    draw_transaction(Console(file=out, width=width), found, is_whole=is_whole)
    return out.getvalue()


def body(name: str = "alice", *, failed: bool = False) -> dict[str, Any]:
    """Give the body of one transfer of half a SOL."""
    payer = key(name)
    draft = Draft(payer)
    sent = 0 if failed else 500_000_000
    draft.lamports(payer, 10**10, 10**10 - 5_000 - sent).lamports(key("bob"), 0, sent)
    draft.call(SYSTEM_PROGRAM, [payer, key("bob")], send(500_000_000))
    draft.err = {"InstructionError": [0, "x"]} if failed else None
    return draft.body()


def shown(what: str, *, line: int | None = None, code: int = 0) -> str:
    """Run the command on a console of 100 columns."""
    out = io.StringIO()
    draw = Console(file=out, width=100)
    assert show_transactions(what, line=line, rpc=None, draw=draw, is_whole=False) == code
    return out.getvalue()


def written(folder: Path, text: bytes) -> str:
    """Give the name of a file that holds this."""
    path = folder / "kept.json"
    path.write_bytes(text)
    return str(path)


def test_the_header_tells_what_happened_when_and_who_paid() -> None:
    """Signature, time, place, payer, venue and terminal, in one look."""
    text = drawn(fill())

    assert signature("fill") in text
    assert re.search(r"status +ok", text)
    assert re.search(r"slot +1,000, number 17 in its block", text)
    assert re.search(r"time +2025-06-15 15:06:40 UTC", text)
    assert re.search(rf"fee payer +{KEEPER}", text)
    assert re.search(r"venue +jupiter_limit_v1", text)
    assert re.search(r"terminal +axiom", text)


def test_a_trade_is_drawn_as_its_route() -> None:
    """What was sold, the pools in order, what was bought, whose trade it was, at which price."""
    text = drawn(fill())

    assert "182.560735 USDC ─▶ unknown ─▶ raydium_v4 ─▶ 18,446,744,073.709551615 " in text
    assert "the maker, on jupiter_limit_v1, through axiom, by instruction 7" in text
    assert re.search(r"0\.0000000098\d+ USDC for one ", text)


def test_movements_stand_under_their_exact_sum() -> None:
    """No digit is cut, and decimal points stand under each other."""
    lines = drawn(fill()).splitlines()
    start = lines.index(f"  {KEEPER}  fee payer")

    net, *parts = lines[start + 1 : start + 5]
    assert re.search(r"SOL +-0\.01204428$", net)
    assert [re.sub(r" {2,}", "  ", part.strip()) for part in parts] == [
        "├ network fee  -0.000005",
        f"├ tip  -0.01  to {JITO[:6]}…{JITO[-5:]} (jito)",
        f"└ rent  -0.00203928  to {POOL[:6]}…{POOL[-5:]}",
    ]
    numbers = [line for line in lines[start - 3 : start + 5] if re.search(r"[+-][\d,]+\.\d", line)]
    points = {re.search(r"[+-][\d,]+(\.)\d", line).start(1) for line in numbers}  # type: ignore[union-attr]
    assert len(numbers) == 6
    assert len(points) == 1


def test_traders_come_first_and_every_owner_has_his_part() -> None:
    """The person whose trade it was stands above who paid and the pool."""
    text = drawn(fill())

    order = [text.index(f"\n  {owner}") for owner in (ALICE, KEEPER, JITO, POOL)]
    assert order == sorted(order)
    assert f"{JITO}  jito tips" in text


def test_fees_name_their_receivers_and_rent_stands_apart() -> None:
    """What it cost beside the price is summed; rent may come back and is told once."""
    fees = drawn(fill()).split("Fees and rent")[1].split("Anomalies")[0]

    keeper = f"{KEEPER[:6]}…{KEEPER[-5:]}"
    assert re.search(rf"network fee +-0\.000005 +SOL  {keeper} ─▶ the network", fees)
    assert re.search(rf"tip +-0\.01 +SOL  {keeper} ─▶ {JITO[:6]}…", fees)
    assert re.search(r"together +-0\.010005 +SOL in fees", fees)
    assert fees.count("0.00203928") == 1


def test_what_a_file_holds_never_steers_the_terminal() -> None:
    """Anomalies quote the input: its control characters are shown, not obeyed."""
    text = drawn(fill())

    assert "! owner_inferred  of one account�[2J" in text
    assert "\x1b" not in text


def test_what_came_unasked_says_so() -> None:
    """A marked movement is drawn like any other, with its mark behind it."""
    speck = moved(ALICE, 1_000, SOL_MINT, Kind.TRANSFER, KEEPER)._replace(mark=Mark.DUST)
    text = drawn(transaction("dust", payer=KEEPER, movements=(speck,)))

    assert re.search(r"transfer +from \S+…\S+ +dust$", text, re.MULTILINE)


def test_a_failed_transaction_says_so() -> None:
    """It cost its fee, and nothing else is drawn."""
    found = normalize(body(failed=True))
    assert isinstance(found, NormalizedTransaction)

    text = drawn(found)

    assert found.status is Status.FAILED
    assert "failed: it cost its fee and moved nothing else" in text
    assert "Trade" not in text
    assert re.search(r"SOL  -0\.000005  network fee", text)


def test_a_crowd_is_cut_unless_all_are_asked_for() -> None:
    """An airdrop to thirty shows twelve and says how many more there are."""
    people = [address(f"person {number}") for number in range(30)]
    movements = [
        each
        for person in people
        for each in (
            moved(ALICE, -7, COIN, Kind.TRANSFER, person),
            moved(person, 7, COIN, Kind.TRANSFER, ALICE),
        )
    ]
    found = transaction("airdrop", payer=ALICE, movements=tuple(movements))
    found = found._replace(decimals={})

    text = drawn(found)
    assert "… and 19 more owners: --all shows them" in text
    assert "30 counterparties" in text or re.search(r"-210 base units", text)
    whole = drawn(found, is_whole=True)
    assert all(person in whole for person in people)
    assert whole.count("-7 base units") == 30


@pytest.mark.parametrize("width", [80, 100])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    """Eighty columns are enough, and the signature can still be read whole."""
    text = drawn(fill(), width=width)

    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    header = "".join(re.findall(r"[1-9A-HJ-NP-Za-km-z]+", text.split("Trade")[0]))
    assert signature("fill") in header


def test_a_time_beyond_the_calendar_is_still_told() -> None:
    """A strange number is shown as it is."""
    found = transaction("far", payer=ALICE, time=2**62)

    assert f"{2**62} s after 1970" in drawn(found)


def test_decimals_that_no_mint_has_are_drawn_too() -> None:
    """A mint may state any decimals; there is no price then, but no end either."""
    found = fill()

    text = drawn(found._replace(decimals={**found.decimals, COIN: 255}), width=400)

    assert "0." + "0" * 235 + "18446744073709551615" in text
    assert "for one" not in text


def test_every_transaction_of_a_file_is_drawn(tmp_path: Path) -> None:
    """JSON lines, compressed or not, and what cannot be read is named by its line."""
    text = orjson.dumps(body()) + b"\n\n" + b"null\n" + orjson.dumps([body("carol")])
    path = tmp_path / "kept.jsonl.zst"
    path.write_bytes(zstandard.compress(text))

    told = shown(str(path), code=1)

    assert told.count("Who gave and got") == 2
    assert "line 3: null_result" in told
    assert f"{key('carol')}  fee payer" in told


def test_one_line_can_be_chosen(tmp_path: Path) -> None:
    """`--line 2` draws that one alone; a line that is not there is a fault."""
    name = written(tmp_path, orjson.dumps(body()) + b"\n" + orjson.dumps(body("carol")))

    told = shown(name, line=2)

    assert told.count("Who gave and got") == 1
    assert key("carol") in told
    with pytest.raises(CliFault, match="no transaction at line 3"):
        shown(name, line=3)


def test_a_document_over_many_lines_is_one(tmp_path: Path) -> None:
    """What a person saved indented is read as it is."""
    name = written(tmp_path, orjson.dumps({"result": body()}, option=orjson.OPT_INDENT_2))

    assert shown(name).count("Who gave and got") == 1


def test_a_file_that_is_no_json_says_so_by_line(tmp_path: Path) -> None:
    """Each line is accounted for."""
    told = shown(written(tmp_path, b"one\ntwo\n"), code=1)

    assert "line 1: bad_json" in told
    assert "line 2: bad_json" in told


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads what is piped in."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(orjson.dumps(body()))))

    assert "Who gave and got" in shown("-")


def test_json_is_what_normalize_says(tmp_path: Path, capfdbinary: Any) -> None:
    """`--json` is `./oof normalize` of the same input."""
    name = written(tmp_path, orjson.dumps(body()) + b"\n{}\n")

    assert show_transactions(name, line=None, rpc=None, draw=None, is_whole=False) == 1
    first, second = map(orjson.loads, capfdbinary.readouterr().out.splitlines())

    assert first["movements"][0]["kind"] == "network_fee"
    assert second["line"] == 2
    assert second["error"]["code"] == "no_meta"


@pytest.mark.parametrize("command", [["normalize"], ["tx", "--json"], ["tx"]])
def test_a_reader_who_has_enough_ends_it_without_a_word(tmp_path: Path, command: list[str]) -> None:
    """`./oof normalize FILE | head -1` says nothing about a broken pipe."""
    name = written(tmp_path, (orjson.dumps(body()) + b"\n") * 1_000)
    with subprocess.Popen(
        [sys.executable, "-m", "local.cli", *command, name],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read(1)
        running.stdout.close()
        assert running.stderr.read() == b""


def rpc(answer: Any, *, api_key: str = "") -> ChainRpc:
    """Give a provider that answers this, whatever it is asked."""

    def handle(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        asked = orjson.loads(request.content)
        assert asked["method"] == "getTransaction"
        assert asked["params"][1]["maxSupportedTransactionVersion"] == 0
        assert request.url.params.get("api-key", "") == api_key
        if isinstance(answer, str):
            return httpx.Response(502, text=answer)
        return httpx.Response(200, json=answer)

    return ChainRpc("http://rpc.test/", api_key=api_key, transport=httpx.MockTransport(handle))


def test_a_signature_is_asked_of_the_chain() -> None:
    """The body comes by JSON-RPC, with the key where there is one."""
    found = rpc({"jsonrpc": "2.0", "result": body()}, api_key="k").transaction("sig")

    assert found["meta"]["fee"] == 5_000


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"result": None}, "has no transaction sig"),
        ({"error": {"code": -32602, "message": "Invalid param"}}, "refused: Invalid param"),
        ("<html>", "answered 502 without JSON"),
        (["what"], "refused"),
        (httpx.ConnectError("no ?api-key=k"), "does not answer"),
    ],
)
def test_what_the_chain_cannot_give_is_one_line(answer: Any, said: str) -> None:
    """Whatever comes back, a person reads why, and never the key."""
    with pytest.raises(CliFault, match=said) as caught:
        rpc(answer).transaction("sig")

    assert len(str(caught.value).splitlines()) == 1
    assert "api-key" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["tx", "nothing-like-it"], 1, "neither a file nor a transaction's signature"),
        (["tx", "l" * 88], 1, "neither a file"),
        (["tx", signature("x"), "--rpc", "http://127.0.0.1:1"], 1, "does not answer"),
        (["tx", signature("x"), "--rpc", "http://[oops"], 1, "does not answer"),
        (["tx", "/"], 1, "cannot read /"),
        (["tx"], 2, "Missing parameter"),
        (["tx", "-", "--line", "0"], 2, "greater than or equal to 1"),
    ],
)
def test_faults_are_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    """A wrong word at the prompt gives a code and a line that says what to do."""
    monkeypatch.setattr("sys.argv", ["oof", *arguments])

    assert commands.main() == code
    errors = capsys.readouterr().err
    assert said in errors
    assert len(errors.splitlines()) == 1
