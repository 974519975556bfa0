import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from local.upstream.chain import (
    DEFAULT_WALLETS,
    Chain,
    GeneratedChain,
    RecordedChain,
    WalletSpec,
)
from local.upstream.clock import Clock
from local.upstream.generated.chain import DEFAULT_GENESIS, YEAR
from local.upstream.generated.people import DAY, crowd
from local.upstream.generated.saved import open_chain
from local.upstream.model import Body

SMALL = (
    WalletSpec(name="trader", transactions=400, days=200, bot_fee=True),
    WalletSpec(name="curves", transactions=150, days=30, curves_only=True, failure_rate=0.3),
    WalletSpec(name="guest", transactions=60, days=50, sponsored=True),
    WalletSpec(name="gone", transactions=20, days=30, ended=100, live=False, receives=False),
    WalletSpec(name="empty", transactions=0, days=0, live=False, receives=False),
)


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    """One year of a few wallets."""
    generated = GeneratedChain(seed=7, wallets=SMALL)
    generated.catch_up()
    return generated


def _bodies(chain: GeneratedChain) -> list[Body]:
    return [record.load("json") for record in chain.since(None)]


def _amounts(body: Body, when: str) -> dict[int, int]:
    return {
        row["accountIndex"]: int(row["uiTokenAmount"]["amount"])
        for row in body["meta"][f"{when}TokenBalances"]
    }


def _keys(body: Body) -> list[str]:
    loaded = body["meta"]["loadedAddresses"]
    return [
        *body["transaction"]["message"]["accountKeys"],
        *loaded["writable"],
        *loaded["readonly"],
    ]


def test_lamports_are_conserved_but_for_the_fee(chain: GeneratedChain) -> None:
    """In every transaction the balances fall by the fee, and by nothing else."""
    for body in _bodies(chain):
        meta = body["meta"]
        assert sum(meta["preBalances"]) - sum(meta["postBalances"]) == meta["fee"]
        assert min(meta["postBalances"]) >= 0


def test_tokens_are_conserved(chain: GeneratedChain) -> None:
    """Transfers and swaps move tokens about; only wrapping makes and unmakes wrapped SOL."""
    wrapped = "So11111111111111111111111111111111111111112"
    for body in _bodies(chain):
        sums: Counter[str] = Counter()
        for when, sign in (("pre", -1), ("post", 1)):
            for row in body["meta"][f"{when}TokenBalances"]:
                sums[row["mint"]] += sign * int(row["uiTokenAmount"]["amount"])
        del sums[wrapped]
        assert not any(sums.values())


def test_every_balance_continues_the_one_before(chain: GeneratedChain) -> None:
    """Each account's balances before a transaction are those after its previous one."""
    lamports: dict[str, int] = {}
    tokens: dict[str, int] = {}
    for body in _bodies(chain):
        keys, meta = _keys(body), body["meta"]
        before, after = _amounts(body, "pre"), _amounts(body, "post")
        for at, key in enumerate(keys):
            assert lamports.get(key, meta["preBalances"][at]) == meta["preBalances"][at]
            lamports[key] = meta["postBalances"][at]
            assert tokens.get(key, before.get(at, 0)) == before.get(at, 0)
            tokens[key] = after.get(at, 0)


def test_wrapped_sol_accounts_hold_what_they_say(chain: GeneratedChain) -> None:
    """A wrapped-SOL account's lamports are its amount and its rent."""
    for body in _bodies(chain):
        for when in ("pre", "post"):
            for row in body["meta"][f"{when}TokenBalances"]:
                if row["mint"].startswith("So1111"):
                    lamports = body["meta"][f"{when}Balances"][row["accountIndex"]]
                    assert lamports == int(row["uiTokenAmount"]["amount"]) + 2_039_280


def test_failed_transactions_cost_their_fee_alone(chain: GeneratedChain) -> None:
    """A failed transaction changes the fee payer's lamports by the fee, and nothing else."""
    failed = [body for body in _bodies(chain) if body["meta"]["err"] is not None]
    assert len(failed) > 20
    for body in failed:
        meta = body["meta"]
        assert meta["preBalances"][0] - meta["postBalances"][0] == meta["fee"]
        assert meta["preBalances"][1:] == meta["postBalances"][1:]
        assert meta["preTokenBalances"] == meta["postTokenBalances"]
        assert " failed: custom program error: 0x" in meta["logMessages"][-1]


def test_bodies_have_the_recorded_shape(chain: GeneratedChain, recording: RecordedChain) -> None:
    """Generated bodies have no field that a recorded body of their kind lacks."""
    model = next(
        body
        for record in recording.since(None)[::-1]
        if "costUnits" in (body := record.load("json"))["meta"]
        and isinstance(body["transaction"]["message"]["accountKeys"][0], str)
        and body["version"] == 0
    )
    for body in _bodies(chain)[:300]:
        assert set(body) == set(model)
        assert set(body["meta"]) <= set(model["meta"]) | {"costUnits", "returnData"}
        message = set(model["transaction"]["message"])
        versioned = {"addressTableLookups"} if body["version"] == "legacy" else set()
        assert set(body["transaction"]["message"]) == message - versioned


def test_indexes_point_at_keys_and_signers_come_first(chain: GeneratedChain) -> None:
    """Every instruction's indexes are within the keys; the header counts what it says."""
    for body in _bodies(chain):
        keys = _keys(body)
        assert len(keys) == len(set(keys))
        header = body["transaction"]["message"]["header"]
        assert header["numRequiredSignatures"] == len(body["transaction"]["signatures"])
        inner = [i for g in body["meta"]["innerInstructions"] for i in g["instructions"]]
        for instruction in [*body["transaction"]["message"]["instructions"], *inner]:
            assert max([*instruction["accounts"], instruction["programIdIndex"]]) < len(keys)


def test_seed_decides_everything(chain: GeneratedChain) -> None:
    """The same seed writes the same chain, byte for byte; another one another chain."""
    again = GeneratedChain(seed=7, wallets=SMALL)
    other = GeneratedChain(seed=8, wallets=SMALL)
    assert _bodies(again) == _bodies(chain)
    ours = {record.signature for record in chain.since(None)}
    assert ours.isdisjoint(record.signature for record in other.since(None))


def test_the_way_the_clock_moves_changes_nothing(chain: GeneratedChain) -> None:
    """A chain lived day by day is the one lived at once; the past shows only what was."""
    clock = Clock(DEFAULT_GENESIS + YEAR - 30 * DAY)
    stepwise = GeneratedChain(seed=7, wallets=SMALL, clock=clock)
    early = [record.signature for record in stepwise.since(None)]
    for _ in range(30):
        clock.advance(DAY)
        stepwise.catch_up()
    late = [record.signature for record in stepwise.since(None)]
    assert late == [record.signature for record in chain.since(None)]
    assert late[: len(early)] == early
    clock.advance(-30 * DAY)
    assert [record.signature for record in stepwise.since(None)] == early


def test_wallets_have_the_age_and_size_asked_for(chain: GeneratedChain) -> None:
    """Histories are as long as asked, give or take bursts and transfers from others."""
    wallets = chain.wallets()
    assert chain.history(wallets["empty"]) == []
    assert chain.account(wallets["empty"]) is None
    gone = chain.history(wallets["gone"])
    assert 20 <= len(gone) <= 30
    assert gone[-1].block_time is not None
    assert chain.now() - gone[-1].block_time > 99 * DAY
    assert 400 <= len(chain.history(wallets["trader"])) <= 700


def test_chain_has_what_makes_histories_hard(chain: GeneratedChain) -> None:
    """Same-slot neighbours, shared transactions, both versions, every venue and inner depth."""
    wallets = chain.wallets()
    slots = Counter(record.slot for record in chain.history(wallets["trader"]))
    assert max(slots.values()) > 1
    shared = {r.signature for r in chain.history(wallets["trader"])} & {
        r.signature for r in chain.history(wallets["curves"])
    }
    assert shared
    bodies = _bodies(chain)
    assert {body["version"] for body in bodies} == {0, "legacy"}
    trades = [intent for intent in chain.intents.values() if intent.fill is not None]
    assert {intent.venue for intent in trades} >= {"jupiter_v6", "pump_fun", "pump_swap"}
    assert max(len(intent.route) for intent in trades) == 2


def test_indexes_are_known_and_blocks_agree(chain: GeneratedChain) -> None:
    """Each slot's transactions count from 0, and its block lists them in that order."""
    for slot, group in itertools.groupby(chain.since(None), key=lambda record: record.slot):
        records = list(group)
        assert [record.tx_index for record in records] == list(range(len(records)))
        block = chain.block(slot)
        assert block is not None
        assert list(block.records) == records


def test_append_makes_new_transactions_now() -> None:
    """Appended transactions come last, at the present, and of the kind asked for."""
    chain = GeneratedChain(seed=7, wallets=SMALL)
    wallet = chain.wallets()["trader"]
    before = chain.history(wallet)
    signatures = chain.append(wallet, 3, "buy")
    after = chain.history(wallet)
    assert [record.signature for record in after[-3:]] == signatures
    assert after[: len(before)] == before
    assert {chain.intents[signature].kind for signature in signatures} == {"buy"}
    with pytest.raises(KeyError):
        chain.append("nobody")
    chain.clock.advance(-DAY)
    with pytest.raises(ValueError, match="before"):
        chain.append(wallet)


def test_saved_chain_repeats_itself(tmp_path: Path) -> None:
    """A restarted chain has the same past, what was appended included."""
    path = tmp_path / "chain.json"
    clock = Clock(1_790_000_000.0)
    first = open_chain(path, clock, seed=3, wallets=SMALL)
    wallet = first.wallets()["trader"]
    signatures = first.append(wallet, 2)
    whole = [record.signature for record in first.history(wallet)]
    clock.advance(3600)
    second = open_chain(path, clock, seed=99, wallets=SMALL)
    again = [record.signature for record in second.history(wallet)]
    assert again[: len(whole)] == whole
    assert set(signatures) <= set(again)


def test_default_bot_is_too_active() -> None:
    """The default bot signs more than a thousand transactions within a day."""
    chain = GeneratedChain(1, [spec for spec in DEFAULT_WALLETS if spec.name == "bot"])
    bot = chain.history(chain.wallets()["bot"])
    times = [record.block_time or 0 for record in bot]
    busiest = max(sum(1 for t in times if start <= t < start + DAY) for start in times[::200])
    assert busiest > 1000


def test_guarded_accounts_look_as_on_mainnet(chain: GeneratedChain) -> None:
    """Programs are executable, pools belong to theirs, token accounts to the token program."""
    described = {row["role"]: row["address"] for row in chain.describe()}
    program = chain.account(described["program"])
    pool = chain.account(described["pool"])
    vault = chain.account(described["token_account"])
    wallet = chain.account(described["trader"])
    assert program is not None
    assert program.executable
    assert pool is not None
    assert pool.program.startswith("whirL")
    assert vault is not None
    assert vault.program.startswith("Tokenkeg")
    assert wallet is not None
    assert wallet.program == "1" * 32


def test_both_chains_keep_the_protocol(chain: GeneratedChain, recording: RecordedChain) -> None:
    """Listings, states and bodies of either chain go together."""
    chains: list[tuple[Chain, str]] = [
        (chain, chain.wallets()["trader"]),
        (recording, "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"),
    ]
    for ledger, wallet in chains:
        listed = ledger.signatures_for(wallet, limit=10)
        assert len(listed) == 10
        newest: dict[str, Any] | None = ledger.transaction(listed[0].signature)
        state = ledger.account(wallet)
        assert newest is not None
        assert state is not None
        at = listed[0].keys.index(wallet)
        assert newest["meta"]["postBalances"][at] == state.lamports


def test_a_crowd_is_beside_the_usual_wallets() -> None:
    """So many wallets more, each with a short history and no further one of its own."""
    chain = GeneratedChain(seed=3, wallets=crowd(5))
    chain.catch_up()
    lengths = [len(chain.history(address)) for address in chain.wallets().values()]
    chain.clock.advance(30 * 86_400)
    chain.catch_up()
    assert len(lengths) == 5
    assert min(lengths) >= 8
    assert lengths == [len(chain.history(address)) for address in chain.wallets().values()]
