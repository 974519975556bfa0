from pathlib import Path

import pytest

from local.upstream.bodies import flat_keys
from local.upstream.clock import Clock
from local.upstream.enhanced import enhance
from local.upstream.model import SYSTEM_PROGRAM, TOKEN_PROGRAM
from local.upstream.recorded import RecordedChain

pytestmark = pytest.mark.chain

TRADER = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
RAYDIUM = "675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8"
WHOLE = 254_170_887


def test_wallet_lists_what_was_recorded_with_a_slot(recording: RecordedChain) -> None:
    """The trader's 37 recordings give 36 signatures, newest first; the 37th has no slot."""
    found = recording.signatures_for(TRADER)
    assert len(found) == 36
    slots = [record.slot for record in found]
    assert slots == sorted(slots, reverse=True)


def test_listing_goes_by_key_alone(recording: RecordedChain) -> None:
    """Every listed transaction mentions the address among its static or loaded keys."""
    for record in recording.signatures_for(TRADER):
        body = recording.transaction(record.signature)
        assert body is not None
        assert TRADER in flat_keys(body)


def test_pages_join_without_gap_or_repetition(recording: RecordedChain) -> None:
    """Paging by `before` walks the same listing as one big page."""
    whole = [record.signature for record in recording.signatures_for(TRADER)]
    walked: list[str] = []
    while page := recording.signatures_for(TRADER, before=walked[-1] if walked else None, limit=7):
        walked += [record.signature for record in page]
    assert walked == whole


def test_until_is_exclusive_and_unknown_before_finds_nothing(recording: RecordedChain) -> None:
    """`until` ends the listing before itself; a `before` nobody knows lists nothing."""
    whole = [record.signature for record in recording.signatures_for(TRADER)]
    part = recording.signatures_for(TRADER, until=whole[10])
    assert [record.signature for record in part] == whole[:10]
    assert recording.signatures_for(TRADER, before="1" * 88) == []


def test_account_states_are_the_newest_post_balances(recording: RecordedChain) -> None:
    """Lamports and token amounts are those after the newest transaction that mentions them."""
    newest = recording.signatures_for(TRADER)[0]
    state = recording.account(TRADER)
    assert state is not None
    assert state.program == SYSTEM_PROGRAM
    assert state.lamports == newest.post_lamports[newest.keys.index(TRADER)]
    held = recording.token_accounts(TRADER)
    assert len(held) == 6
    assert {account.program for account in held} == {TOKEN_PROGRAM}
    assert all(account.token and account.token.owner == TRADER for account in held)


def test_programs_are_executable_and_strangers_do_not_exist(recording: RecordedChain) -> None:
    """A program seen in an instruction is executable; an address nobody mentions is null."""
    program = recording.account(RAYDIUM)
    assert program is not None
    assert program.executable
    assert recording.account("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFiX") is None


def test_block_order_exists_only_where_the_recording_is_whole(recording: RecordedChain) -> None:
    """A whole slot's block is in file order with indexes; other slots have no block."""
    block = recording.block(WHOLE)
    assert block is not None
    assert len(block.records) == 444
    assert [record.tx_index for record in block.records] == list(range(444))
    assert recording.block(361_774_429) is None
    assert all(record.tx_index is None for record in recording.history(TRADER))


def test_encoding_is_honoured_where_both_were_recorded(recording: RecordedChain) -> None:
    """A signature recorded in both encodings is served in the one asked for."""
    block = recording.block(110_130_000)
    assert block is not None
    kinds = {
        encoding: [
            isinstance(record.load(encoding)["transaction"]["message"]["accountKeys"][0], dict)
            for record in block.records
        ]
        for encoding in ("json", "jsonParsed")
    }
    assert not any(kinds["json"])
    assert sum(kinds["jsonParsed"]) > 400


def test_every_recording_can_be_enhanced(recording: RecordedChain) -> None:
    """Account data of the enhanced form adds up to the fee, whatever the encoding."""
    for record in recording.since(None):
        enhanced = enhance(record.load("json"))
        native = sum(row["nativeBalanceChange"] for row in enhanced["accountData"])
        assert native == -int(enhanced["fee"])


def test_clock_hides_the_future(chain_dir: Path) -> None:
    """What happened after the clock's present is neither listed nor served nor counted in."""
    clock = Clock()
    chain = RecordedChain(chain_dir, clock)
    whole = chain.history(TRADER)
    assert whole[20].block_time is not None
    clock.freeze(whole[20].block_time)
    past = chain.history(TRADER)
    assert 0 < len(past) < len(whole)
    assert chain.transaction(whole[-1].signature) is None
    assert chain.tip_slot() >= past[-1].slot


def test_hidden_and_relanded_transactions_move_the_listing(chain_dir: Path) -> None:
    """A dropped signature disappears until revealed; a re-landed one has its new slot."""
    chain = RecordedChain(chain_dir)
    listed = chain.history(TRADER)
    victim = listed[5]
    chain.hide(victim.signature)
    assert victim.signature not in {r.signature for r in chain.history(TRADER)}
    assert chain.transaction(victim.signature) is None
    chain.reveal(victim.signature)
    target = listed[9].slot + 1
    chain.reland(victim.signature, target)
    moved = chain.record(victim.signature)
    assert moved is not None
    assert moved.slot == target
    body = chain.transaction(victim.signature)
    assert body is not None
    assert body["slot"] == target
    assert len(chain.history(TRADER)) == len(listed)
