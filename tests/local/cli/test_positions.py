"""`./oof positions`: trades in, exits and open lots out, bad lines named."""

import json

import pytest

from local.cli.faults import CliFault
from local.cli.normalize import EXIT_FILE_UNREADABLE, EXIT_LINES_ERRED, EXIT_OK
from local.cli.positions import positions_command
from oof.domain.positions.lots import Method
from oof.domain.units import SOL_MINT

BUY = {
    "wallet": "ann",
    "slot": 1,
    "tx_index": 0,
    "block_time": 1_000,
    "sold_mint": SOL_MINT,
    "sold_raw": "2000000000",
    "bought_mint": "cat",
    "bought_raw": 300,
}
SELL = BUY | {
    "slot": 2,
    "block_time": 2_000,
    "sold_mint": "cat",
    "sold_raw": "100",
    "bought_mint": SOL_MINT,
    "bought_raw": "1000000001",
}
PRICES = [{"mint": SOL_MINT, "ts": 900, "usd": 150.25}, {"mint": SOL_MINT, "ts": 1_900, "usd": "9"}]


@pytest.fixture
def run(tmp_path, capfdbinary):
    """Run the command over lines; return its exit code and what it printed."""

    def command(*lines, method=Method.FIFO, prices=None, decimals=None):
        def kept(name, content):
            path = tmp_path / name
            path.write_text("".join(f"{line}\n" for line in content))
            return str(path)

        def lines_of(values):
            return [each if isinstance(each, str) else json.dumps(each) for each in values]

        code = positions_command(
            [kept("trades", lines_of(lines))],
            method=method,
            prices=prices and kept("prices", lines_of(prices)),
            decimals=decimals and kept("decimals", lines_of(decimals)),
        )
        printed = capfdbinary.readouterr().out.splitlines()
        return code, [json.loads(line) for line in printed]

    return command


def test_an_exit_is_matched_and_the_rest_stays_open(run):
    """In the documented form, raw amounts as text."""
    code, printed = run(BUY, SELL, prices=PRICES)

    assert code == EXIT_OK
    assert printed == [
        {
            "type": "unmatched",
            "wallet": "ann",
            "mint": SOL_MINT,
            "slot": 1,
            "tx_index": 0,
            "qty_raw": "2000000000",
            "proceeds_raw": {"cat": "300"},
        },
        {
            "type": "realized",
            "wallet": "ann",
            "mint": "cat",
            "slot": 2,
            "tx_index": 0,
            "qty_raw": "100",
            "cost_raw": {SOL_MINT: "666666666"},
            "proceeds_raw": {SOL_MINT: "1000000001"},
            "pnl_usd": "-91.16666666",
            "lots": [{"slot": 1, "tx_index": 0, "qty_raw": "100"}],
        },
        {
            "type": "open",
            "wallet": "ann",
            "mint": SOL_MINT,
            "slot": 2,
            "tx_index": 0,
            "qty_raw": "1000000001",
            "cost_raw": {"cat": "100"},
        },
        {
            "type": "open",
            "wallet": "ann",
            "mint": "cat",
            "slot": 1,
            "tx_index": 0,
            "qty_raw": "200",
            "cost_raw": {SOL_MINT: "1333333334"},
        },
    ]


def test_without_a_price_in_time_dollars_are_missing(run):
    """Missing is null, never 0."""
    old = [{"mint": SOL_MINT, "ts": 1, "usd": "5"}]
    late = SELL | {"block_time": 4_000}

    _, printed = run(BUY, late, prices=old)

    [realized] = [line for line in printed if line["type"] == "realized"]
    assert realized["pnl_usd"] is None


def test_other_mints_are_priced_by_the_decimals_told(run):
    """A token's price is that of one whole token."""
    swap = BUY | {"sold_mint": "dog", "sold_raw": "1", "bought_mint": "cat", "bought_raw": "300"}
    back = SELL | {"bought_mint": "dog", "bought_raw": "1", "sold_raw": "300"}
    told = [{"mint": "cat", "ts": 1_000, "usd": "1"}, {"mint": "cat", "ts": 2_000, "usd": "1.5"}]

    _, printed = run(swap, back, prices=told, decimals=[{"mint": "cat", "decimals": 2}])

    [realized] = [line for line in printed if line["type"] == "realized"]
    assert realized["pnl_usd"] == "1.50000000"


def test_what_normalize_printed_is_read(run):
    """Each trade is its trader's, in the place of its transaction."""
    line = {
        "signature": "s",
        "slot": 5,
        "tx_index": None,
        "block_time": None,
        "trades": [
            {key: BUY[key] for key in ("sold_mint", "sold_raw", "bought_mint", "bought_raw")}
            | {"trader": "bob"}
        ],
    }

    code, printed = run(line)

    assert code == EXIT_OK
    assert [(each["wallet"], each["slot"], each["tx_index"]) for each in printed] == [
        ("bob", 5, None)
    ] * 2


def test_average_cost_names_no_lots(run):
    """There is one pool."""
    _, printed = run(
        BUY, BUY | {"sold_raw": 1, "slot": 2}, SELL | {"slot": 3}, method=Method.AVERAGE
    )

    [realized] = [line for line in printed if line["type"] == "realized"]
    assert realized["lots"] == []
    assert realized["cost_raw"] == {SOL_MINT: "333333333"}


def test_a_fallback_is_said(run):
    """Lots that cannot be compared are taken oldest first."""
    other = BUY | {"slot": 2, "sold_mint": "dog"}

    _, printed = run(BUY, other, SELL | {"slot": 3}, method=Method.HIFO)

    [realized] = [line for line in printed if line["type"] == "realized"]
    assert realized["method_fallback"] == "fifo"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not a JSON document"),
        ("[]", "expected an object"),
        (BUY | {"wallet": 5}, "wallet: expected text"),
        (BUY | {"slot": None}, "slot: expected a whole number that is not negative"),
        (BUY | {"slot": True}, "slot: expected a whole number that is not negative"),
        (BUY | {"sold_raw": "1.5"}, "sold_raw: expected a whole number that is not negative"),
        (BUY | {"sold_raw": -1}, "sold_raw: expected a whole number that is not negative"),
        (BUY | {"bought_raw": 1.0}, "bought_raw: expected a whole number that is not negative"),
        (BUY | {"bought_raw": "9" * 200}, "bought_raw: expected a whole number"),
        ({"error": {}, "line": 3}, "wallet: expected text"),
        ({"signature": "s", "trades": [5]}, "trades: expected objects"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(run, line, said):
    """By its number and field, with an exit code that tells."""
    code, printed = run(BUY, line, SELL)

    assert code == EXIT_LINES_ERRED
    assert printed[0]["error"]["code"] == "bad_line"
    assert printed[0]["line"] == 2
    assert said in printed[0]["error"]["detail"]
    assert [each["type"] for each in printed[1:]] == ["unmatched", "realized", "open", "open"]


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        ([{"mint": "cat", "ts": 1, "usd": "much"}], "usd: expected a number"),
        ([{"mint": "cat", "ts": 1, "usd": -1}], "usd: expected a number"),
        ([{"mint": "cat", "ts": 1, "usd": "NaN"}], "usd: expected a number"),
        ([{"mint": "cat", "ts": 1, "usd": "1e999999"}], "usd: expected a number that a price"),
        ([PRICES[0], {"mint": "cat", "usd": 1}], "line 2: ts: expected a whole number"),
    ],
)
def test_a_bad_price_ends_the_command(run, prices, said):
    """All results rest on prices: none is printed."""
    with pytest.raises(CliFault, match=said):
        run(BUY, prices=prices)


def test_a_file_that_cannot_be_read_is_said(capfd):
    """On the error output, with an exit code of its own."""
    code = positions_command(["/no/such/file"], method=Method.FIFO, prices=None, decimals=None)

    assert code == EXIT_FILE_UNREADABLE
    assert "cannot read /no/such/file" in capfd.readouterr().err
