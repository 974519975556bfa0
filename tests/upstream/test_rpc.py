from typing import Any

import httpx
import pytest

from local.upstream.state import Upstream
from tests.upstream.caller import calling

pytestmark = [pytest.mark.anyio, pytest.mark.chain]

TRADER = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
TOKEN = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105
V0: dict[str, Any] = {"encoding": "json", "maxSupportedTransactionVersion": 0}


async def test_signatures_have_the_shape_of_a_validator_answer(recorded: Upstream) -> None:
    """Rows carry exactly the documented fields, and old ones are final."""
    async with calling(recorded) as upstream:
        rows = await upstream.result("getSignaturesForAddress", TRADER, {"limit": 5})
    assert len(rows) == 5
    fields = {"blockTime", "confirmationStatus", "err", "memo", "signature", "slot"}
    assert all(set(row) == fields for row in rows)
    assert {row["confirmationStatus"] for row in rows} == {"finalized"}


async def test_versioned_bodies_need_the_caller_to_say_so(recorded: Upstream) -> None:
    """Without maxSupportedTransactionVersion a v0 body is error -32015, with it the body."""
    async with calling(recorded) as upstream:
        rows = await upstream.result("getSignaturesForAddress", TRADER)
        bodies = [await upstream.result("getTransaction", r["signature"], V0) for r in rows]
        versioned = next(b for b in bodies if b["version"] == 0)
        signature = versioned["transaction"]["signatures"][0]
        answer = await upstream.rpc("getTransaction", signature, {"encoding": "json"})
    assert answer["error"]["code"] == -32015


async def test_unknown_signature_is_null_and_unknown_method_is_an_error(
    recorded: Upstream,
) -> None:
    """A body nobody has is a null result; a method nobody has is -32601."""
    async with calling(recorded) as upstream:
        assert await upstream.result("getTransaction", "1" * 88, V0) is None
        assert (await upstream.rpc("getMoon"))["error"]["code"] == -32601
        bad = await upstream.rpc("getBalance", "not-an-address")
    assert bad["error"]["code"] == -32602


async def test_batches_answer_each_item_and_are_counted(recorded: Upstream) -> None:
    """A batch answers in order; counters know items, bodies by signature and batches."""
    async with calling(recorded) as upstream:
        rows = await upstream.result("getSignaturesForAddress", TRADER, {"limit": 3})
        batch = [
            {"jsonrpc": "2.0", "id": at, "method": "getTransaction", "params": [s, V0]}
            for at, s in enumerate([rows[0]["signature"], rows[1]["signature"]])
        ]
        answers = (await upstream.http.post("/", json=batch)).json()
        counted = await upstream.counters()
    assert [answer["id"] for answer in answers] == [0, 1]
    assert counted["batches"] == 1
    assert counted["batched_items"] == {"getTransaction": 2}
    assert counted["bodies_requested"] == {row["signature"]: 1 for row in rows[:2]}
    assert counted["bodies_served"] == counted["bodies_requested"]


async def test_batches_above_the_limit_are_refused(recorded: Upstream) -> None:
    """101 bodies in one batch are refused whole."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "getTransaction", "params": ["1" * 88, V0]}
    async with calling(recorded) as upstream:
        answer = await upstream.http.post("/", json=[call] * 101)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == -32600


async def test_token_accounts_come_parsed_and_packed(recorded: Upstream) -> None:
    """Parsed data shows mint, owner and amount; base64 is the 165-byte layout."""
    async with calling(recorded) as upstream:
        parsed = await upstream.result(
            "getTokenAccountsByOwner", TRADER, {"programId": TOKEN}, {"encoding": "jsonParsed"}
        )
        packed = await upstream.result(
            "getMultipleAccounts",
            [row["pubkey"] for row in parsed["value"]],
            {"encoding": "base64", "dataSlice": {"offset": 64, "length": 8}},
        )
    assert len(parsed["value"]) == 6
    for row in parsed["value"]:
        info = row["account"]["data"]["parsed"]["info"]
        assert info["owner"] == TRADER
        assert row["account"]["owner"] == TOKEN
        assert row["account"]["data"]["space"] == 165
    assert all(len(value["data"][0]) == 12 for value in packed["value"])


async def test_address_history_pages_both_ways(recorded: Upstream) -> None:
    """Pages by token join to the whole history, newest first or oldest first."""
    async with calling(recorded) as upstream:
        walked: dict[str, list[str]] = {}
        for order in ("asc", "desc"):
            options: dict[str, Any] = {"sortOrder": order, "limit": 10}
            walked[order] = []
            while True:
                page = await upstream.result("getTransactionsForAddress", TRADER, options)
                walked[order] += [row["signature"] for row in page["data"]]
                if page["paginationToken"] is None:
                    break
                options["paginationToken"] = page["paginationToken"]
        failed = await upstream.result(
            "getTransactionsForAddress", TRADER, {"filters": {"status": "failed"}}
        )
    assert len(walked["asc"]) == 36
    assert walked["asc"] == walked["desc"][::-1]
    assert len(failed["data"]) == 2


async def test_full_address_history_carries_bodies(recorded: Upstream) -> None:
    """Full details are bodies, counted as page bodies and not as bodies by signature."""
    options = {**V0, "transactionDetails": "full", "limit": 4}
    async with calling(recorded) as upstream:
        page = await upstream.result("getTransactionsForAddress", TRADER, options)
        counted = await upstream.counters()
    assert all({"transaction", "meta", "slot", "blockTime"} <= set(row) for row in page["data"])
    assert sum(counted["page_bodies"].values()) == 4
    assert counted["bodies_requested"] == {}


async def test_free_plan_has_no_address_history(recorded: Upstream) -> None:
    """Without the method in the plan the answer is 403, and all else goes on."""
    async with calling(recorded) as upstream:
        await upstream.control("plan", address_history=False)
        call = {"jsonrpc": "2.0", "id": 1, "method": "getTransactionsForAddress"}
        answer = await upstream.http.post("/", json={**call, "params": [TRADER]})
        assert answer.status_code == 403
        assert len(await upstream.result("getSignaturesForAddress", TRADER)) == 36


async def test_blocks_are_served_where_whole(recorded: Upstream) -> None:
    """A block lists signatures of a whole slot and says "skipped" of any other."""
    async with calling(recorded) as upstream:
        options = {"transactionDetails": "signatures", **V0}
        block = await upstream.result("getBlock", 254_170_887, options)
        other = await upstream.rpc("getBlock", 361_774_429, options)
    assert len(block["signatures"]) == 444
    assert other["error"]["code"] == -32009


async def test_statuses_and_slot_agree(recorded: Upstream) -> None:
    """A landed signature is final with its slot, where history is searched; others are null."""
    async with calling(recorded) as upstream:
        rows = await upstream.result("getSignaturesForAddress", TRADER, {"limit": 1})
        asked = [rows[0]["signature"], "1" * 88]
        at_hand = await upstream.result("getSignatureStatuses", asked)
        history = {"searchTransactionHistory": True}
        found = await upstream.result("getSignatureStatuses", asked, history)
        slot = await upstream.result("getSlot")
    assert at_hand["value"] == [None, None]
    assert found["value"][0]["slot"] == rows[0]["slot"]
    assert found["value"][0]["confirmationStatus"] == "finalized"
    assert found["value"][1] is None
    assert slot > rows[0]["slot"]


async def test_price_apis_answer_from_the_recording(recorded: Upstream) -> None:
    """Jupiter omits what it does not price; Pyth returns the recorded bars."""
    sol = "So11111111111111111111111111111111111111112"
    async with calling(recorded) as upstream:
        quotes = (await upstream.http.get("/price/v3", params={"ids": f"{sol},{TRADER}"})).json()
        bars: httpx.Response = await upstream.http.get(
            "/v1/shims/tradingview/history",
            params={"symbol": "Crypto.BTC/USD", "resolution": "1", "from": 0, "to": 2_000_000_000},
        )
    assert set(quotes) == {sol}
    assert bars.json()["t"] == [1684127160, 1684127220]
