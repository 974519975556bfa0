import copy
from collections.abc import Callable

import pytest

from tests.checker import base58_text
from tests.checker.bodies import Body, Json, read_body
from tests.checker.deltas import SOL, deltas
from tests.checker.verdict import judge

WALLET = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
POOL = "5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1"
MINT = "DeLrL6opoyoanVgXFqkMiqH8ifmPLAru4GE5SZcwCNDL"
PROGRAM = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
HELD = base58_text.associated_account(WALLET, PROGRAM, MINT)
VAULT = base58_text.associated_account(POOL, PROGRAM, MINT)
PURSE = base58_text.associated_account(POOL, PROGRAM, SOL)
RENT = 2_039_280


def _entry(index: int, mint: str, owner: str, amount: int) -> Json:
    return {
        "accountIndex": index,
        "mint": mint,
        "owner": owner,
        "programId": PROGRAM,
        "uiTokenAmount": {"amount": str(amount), "decimals": 6},
    }


def _bought() -> Body:
    """A wallet opens an account, pays 0.001 SOL into a pool's purse and gets 700 tokens."""
    return read_body(
        {
            "slot": 7,
            "blockTime": 9,
            "transaction": {
                "signatures": ["sig"],
                "message": {
                    "header": {"numRequiredSignatures": 1},
                    "accountKeys": [WALLET, HELD, VAULT, PURSE, PROGRAM],
                    "instructions": [],
                },
            },
            "meta": {
                "err": None,
                "fee": 5100,
                "preBalances": [10**9, 0, RENT, RENT + 50, 1],
                "postBalances": [
                    10**9 - 5100 - RENT - 1_000_000,
                    RENT,
                    RENT,
                    RENT + 1_000_050,
                    1,
                ],
                "preTokenBalances": [_entry(2, MINT, POOL, 900), _entry(3, SOL, POOL, 50)],
                "postTokenBalances": [
                    _entry(1, MINT, WALLET, 700),
                    _entry(2, MINT, POOL, 200),
                    _entry(3, SOL, POOL, 1_000_050),
                ],
            },
        }
    )


def _row(owner: str, mint: str, delta: int, kind: str, other: str | None) -> Json:
    return {
        "owner": owner,
        "mint": mint,
        "delta_raw": str(delta),
        "kind": kind,
        "counterparty": other,
    }


def _answer() -> Json:
    return {
        "signature": "sig",
        "slot": 7,
        "tx_index": None,
        "block_time": 9,
        "status": "ok",
        "fee_payer": WALLET,
        "trades": [
            {
                "trader": WALLET,
                "sold_mint": SOL,
                "sold_raw": "1000000",
                "bought_mint": MINT,
                "bought_raw": "700",
                "venue": "pool",
                "route": ["pool"],
                "outer_index": 0,
                "role": "taker",
                "arbitrage": False,
                "terminal": None,
            }
        ],
        "movements": [
            _row(WALLET, SOL, -5000, "network_fee", None),
            _row(WALLET, SOL, -100, "priority_fee", None),
            _row(WALLET, SOL, -RENT, "rent", None),
            _row(WALLET, SOL, -1_000_000, "trade", POOL),
            _row(WALLET, MINT, 700, "trade", POOL),
            _row(POOL, SOL, 1_000_000, "trade", WALLET),
            _row(POOL, MINT, -700, "trade", WALLET),
        ],
        "anomalies": [],
    }


def test_deltas_leave_the_rent_of_token_accounts_to_nobody() -> None:
    """The new account's lamports are no owner's, and the pool's wrapped SOL is its SOL."""
    assert deltas(_bought()) == {
        (WALLET, SOL): -5100 - RENT - 1_000_000,
        (WALLET, MINT): 700,
        (POOL, SOL): 1_000_000,
        (POOL, MINT): -700,
    }


def test_right_answer_is_accepted() -> None:
    """An answer that agrees with the chain has no finding."""
    assert judge(_bought(), _answer()) == []


def _mark_what_was_bought(answer: Json) -> None:
    answer["movements"][4]["mark"] = "spam"


def _invent_a_mark(answer: Json) -> None:
    answer["movements"][6]["mark"] = "gift"


def _lose_a_lamport(answer: Json) -> None:
    answer["movements"][3]["delta_raw"] = "-999999"


def _count_rent_as_trade(answer: Json) -> None:
    answer["movements"][2]["kind"] = "trade"


def _forget_an_owner(answer: Json) -> None:
    del answer["movements"][5]


def _invent_an_owner(answer: Json) -> None:
    answer["movements"].append(_row(PURSE, SOL, 1_000_000, "trade", WALLET))


def _split_a_row(answer: Json) -> None:
    answer["movements"][4]["delta_raw"] = "300"
    answer["movements"].append(_row(WALLET, MINT, 400, "trade", POOL))


def _keep_a_zero_row(answer: Json) -> None:
    answer["movements"].append(_row(WALLET, MINT, 0, "transfer", None))


def _write_a_number(answer: Json) -> None:
    answer["movements"][4]["delta_raw"] = 700


def _invent_a_kind(answer: Json) -> None:
    answer["movements"][4]["kind"] = "swap"


def _charge_the_pool(answer: Json) -> None:
    answer["movements"][0]["owner"] = POOL


def _overstate_the_trade(answer: Json) -> None:
    answer["trades"][0]["bought_raw"] = "701"


def _mix_a_fee_into_the_price(answer: Json) -> None:
    answer["trades"][0]["sold_raw"] = "1000100"
    answer["movements"][1]["kind"] = "trade"


def _call_the_purchase_a_fee(answer: Json) -> None:
    answer["movements"] += [
        _row(WALLET, SOL, -900_000, "protocol_fee", POOL),
        _row(WALLET, SOL, 900_000, "trade", POOL),
    ]
    answer["trades"][0]["sold_raw"] = "100000"


def _sell_nothing(answer: Json) -> None:
    answer["trades"][0]["sold_raw"] = "0"


def _fail_it(answer: Json) -> None:
    answer["status"] = "failed"


@pytest.mark.parametrize(
    ("plant", "code"),
    [
        (_mark_what_was_bought, "mark"),
        (_invent_a_mark, "movement_fields"),
        (_lose_a_lamport, "delta"),
        (_count_rent_as_trade, "rent"),
        (_forget_an_owner, "delta"),
        (_invent_an_owner, "delta"),
        (_split_a_row, "repeated"),
        (_keep_a_zero_row, "delta_raw"),
        (_write_a_number, "delta_raw"),
        (_invent_a_kind, "kind"),
        (_charge_the_pool, "fee_owner"),
        (_overstate_the_trade, "trade_sum"),
        (_sell_nothing, "trade_raw"),
        (_call_the_purchase_a_fee, "fee_share"),
        (_mix_a_fee_into_the_price, "pool_amount"),
        (_fail_it, "status"),
    ],
)
def test_planted_mistake_is_found(plant: Callable[[Json], None], code: str) -> None:
    """Each kind of wrong answer is named by its own code."""
    answer = copy.deepcopy(_answer())
    plant(answer)
    assert code in {finding.code for finding in judge(_bought(), answer)}


def test_failed_transaction_may_only_cost_its_fee() -> None:
    """Movements other than the fee of a failed transaction are found."""
    body = _bought()._replace(failed=True)
    codes = {finding.code for finding in judge(body, _answer() | {"status": "failed"})}
    assert {"failed_moves", "failed_trades"} <= codes


def test_curve_points_are_told_from_program_addresses() -> None:
    """A wallet's key lies on the curve, a derived account does not."""
    assert base58_text.is_on_curve(base58_text.decode(WALLET))
    assert not base58_text.is_on_curve(base58_text.decode(HELD))
    assert base58_text.encode(base58_text.decode(HELD)) == HELD
