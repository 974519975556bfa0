"""What other parsers' own tests expect of the same transactions."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.checker.bodies import Body, Json, read_lines
from tests.checker.deltas import SOL
from tests.checker.recorded import report_of

WRAPPER = "5SnGKXqNQ6zYGfNHQwHWwRtbxnYHUHLbANXgpvCLuXD1LA5paStRBcuXwu2T5eM9xsVWFQTzeUNwPWx6UAQhUb2t"
"""Expected there for the signer; the balances say that a program's own account traded."""

FEES = {"CPT_GAS": {"network_fee", "priority_fee"}, "CPT_JITO": {"tip"}}


def _expected(chain_dir: Path, name: str) -> list[Json]:
    return [json.loads(line) for line in read_lines(chain_dir / "expected" / name)]


def _singles(chain_dir: Path) -> dict[str, tuple[Body, Json]]:
    report = report_of(chain_dir / "rpc" / "singles.jsonl.zst")
    pairs = zip(report.bodies, report.results, strict=True)
    return {body.signature: (body, result) for body, result in pairs}


def _mint(asset: str) -> str:
    return SOL if asset in {"SOL", "WSOL"} else asset.rpartition(":")[2]


def _raw(body: Body, mint: str, shown: str) -> int:
    decimals = {entry.mint: entry.decimals for entry in (*body.pre_tokens, *body.post_tokens)}
    return int(Decimal(shown).scaleb(9 if mint == SOL else decimals[mint]))


def _row_total(result: Json, owner: str, mint: str, kinds: set[str]) -> int:
    return sum(
        int(row["delta_raw"])
        for row in result["movements"]
        if row["owner"] == owner and row["mint"] == mint and row["kind"] in kinds
    )


def _sides(result: Json) -> set[tuple[str, str, int, str, int]]:
    return {
        (
            trade["trader"],
            trade["sold_mint"],
            int(trade["sold_raw"]),
            trade["bought_mint"],
            int(trade["bought_raw"]),
        )
        for trade in result["trades"]
    }


@pytest.mark.chain
def test_swaps_are_what_rotki_expects(chain_dir: Path) -> None:
    """Trader, mints and amounts of every swap that rotki's tests decode are ours."""
    known = _singles(chain_dir)
    checked = 0
    for expected in _expected(chain_dir, "rotki_expected_events.jsonl.zst"):
        swap = expected.get("swap")
        body, result = known[expected["signature"]]
        if swap is None:
            assert result["trades"] == [], expected["signature"]
            continue
        sold, bought = _mint(swap["in_asset"]), _mint(swap["out_asset"])
        wanted = (
            swap["trader"],
            sold,
            _raw(body, sold, swap["in_amount_ui"]),
            bought,
            _raw(body, bought, swap["out_amount_ui"]),
        )
        assert wanted in _sides(result), expected["signature"]
        checked += 1
    assert checked == 7


@pytest.mark.chain
def test_fees_are_what_rotki_expects(chain_dir: Path) -> None:
    """Network fees, tips and platform fees of wallets are those of rotki's tests."""
    known = _singles(chain_dir)
    checked = 0
    for expected in _expected(chain_dir, "rotki_expected_events.jsonl.zst"):
        body, result = known[expected["signature"]]
        for event in expected["events"]:
            kinds = FEES.get(event.get("counterparty") or "")
            if event["event_type"] == "TRADE":
                kinds = {"platform_fee"}
            if kinds is None or event["event_subtype"] != "FEE":
                continue
            if event["location_label"] not in expected["wallets"]:
                continue
            mint = _mint(event["asset"])
            paid = _row_total(result, event["location_label"], mint, kinds)
            assert paid == -_raw(body, mint, event["amount"]), (expected["signature"], event)
            checked += 1
    assert checked > 15


@pytest.mark.chain
def test_jupiter_amounts_are_what_another_parser_expects(chain_dir: Path) -> None:
    """Jupiter's in and out amounts asserted by another parser are ours."""
    known = _singles(chain_dir)
    checked = 0
    for expected in _expected(chain_dir, "serejke_jupiter_expected.jsonl.zst"):
        signature = expected["signature"]
        if signature == WRAPPER or signature not in known:
            continue
        wanted = (
            expected["trader"],
            expected["in_mint"],
            int(expected["in_amount"]),
            expected["out_mint"],
            int(expected["out_amount"]),
        )
        assert wanted in _sides(known[signature][1]), signature
        checked += 1
    assert checked == 2


@pytest.mark.chain
def test_token_movements_of_the_best_wallet_are_the_expected(chain_dir: Path) -> None:
    """All recorded token movements of one wallet are its net movements here."""
    wallet = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
    report = report_of(chain_dir / "wallet_histories" / f"{wallet}.jsonl.zst")
    known = {result["signature"]: result for result in report.results}
    expected = _expected(chain_dir, "copysolana_token_movements.jsonl.zst")
    assert len(expected) > 30
    for movement in expected:
        raw = int(Decimal(movement["amount_ui"]).scaleb(movement["decimals"]))
        signed = raw if movement["action"] == "Received" else -raw
        net = sum(
            int(row["delta_raw"])
            for row in known[movement["transaction_signature"]]["movements"]
            if row["owner"] == wallet and row["mint"] == movement["mint"]
        )
        # The expectation went through a float, which keeps 14 digits for sure.
        assert abs(net - signed) * 10**14 <= abs(signed), movement
