"""Pitfall 34: spam and dust are kept, summed like anything else, and marked."""

import struct
from typing import Any

import pytest

from oof.domain.transactions.addresses import is_on_curve
from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.marks import DUST_LAMPORTS, LINKED_LAMPORTS, SPAM_RECEIVERS
from oof.domain.transactions.model import Kind, Mark, NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.render import render
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import (
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    Draft,
    key,
    mint_to,
    send,
    transfer,
)
from tests.unit.domain.transactions.test_pitfalls import Recorded, read

SENDER, ALICE, COIN = key("sender"), key("alice"), key("coin")
USDC = "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"
MEMO = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"
START = 10**12


def wallets(count: int) -> list[str]:
    """Give so many addresses that can have a private key."""
    found: list[str] = []
    number = 0
    while len(found) < count:
        number += 1
        address = encode_base58(struct.pack("<Q", number).rjust(32, b"\x05"))
        if is_on_curve(address):
            found.append(address)
    return found


def normalized(body: dict[str, Any]) -> NormalizedTransaction:
    """Normalize a body that can be read."""
    found = normalize(body)
    assert isinstance(found, NormalizedTransaction)
    return found


def marks(body: dict[str, Any]) -> dict[str | None, Mark]:
    """Give the mark of each owner of a body that has one."""
    return {each.owner: each.mark for each in normalized(body).movements if each.mark is not None}


def mailing(
    amounts: list[int],
    *claimers: str,
    mint: str = COIN,
    held: int | None = None,
    decimals: int = 6,
) -> Draft:
    """Draft the sender handing a mint to as many wallets as there are amounts."""
    draft = Draft(SENDER, *claimers)
    total = sum(amounts)
    draft.tokens(key("stock"), SENDER, mint, total, 0, decimals=decimals)
    for number, owner in enumerate(wallets(len(amounts))):
        amount, account = amounts[number], key(f"of {number}")
        after = amount + (held or 0)
        draft.tokens(account, owner, mint, held, after, decimals=decimals)
        draft.call(TOKEN_PROGRAM, [key("stock"), account, SENDER], transfer(amount))
    return draft


def paid(lamports: int, *, to: str = ALICE) -> Draft:
    """Draft the sender sending lamports and doing nothing else."""
    draft = Draft(SENDER).lamports(SENDER, START, START - 5_000 - lamports)
    draft.lamports(to, START, START + lamports)
    return draft.call(SYSTEM_PROGRAM, [SENDER, to], send(lamports))


@pytest.mark.chain
@pytest.mark.parametrize(("prefix", "count"), [("5S43CUBVghv", 5), ("wBRjzJGja1c", 8)])
def test_recorded_mailings_are_spam(recorded: Recorded, prefix: str, count: int) -> None:
    """The same amount of an unheard-of mint, to strangers whose accounts the sender opened."""
    found = read(recorded, prefix)
    spam = [each for each in found.movements if each.mark is Mark.SPAM]
    assert len(spam) == count
    assert {each.counterparty for each in spam} == {found.fee_payer}
    assert all(each.mark is None for each in found.movements if each.owner == found.fee_payer)


@pytest.mark.chain
@pytest.mark.parametrize(("prefix", "lamports"), [("3iApsH6HofL", 5_000), ("3sMhYN19KkF", 1_000)])
def test_recorded_specks_of_lamports_are_dust(
    recorded: Recorded, prefix: str, lamports: int
) -> None:
    """A few thousand lamports to a stranger, in a transaction that does nothing else."""
    (dust,) = [each for each in read(recorded, prefix).movements if each.mark is not None]
    assert (dust.mark, dust.mint, dust.delta_raw) == (Mark.DUST, SOL_MINT, lamports)


@pytest.mark.chain
def test_recorded_marks_are_few_and_all_unasked(recorded: Recorded) -> None:
    """Of all recorded movements 16 bear a mark: arrivals whose owner neither signed nor gave."""
    count = 0
    for bodies in recorded.values():
        found = normalized(bodies[0])
        givers = {each.owner for each in found.movements if each.delta_raw < 0}
        for movement in found.movements:
            if movement.mark is not None:
                count += 1
                assert movement.owner not in givers | set(found.signers)
    assert count == 16


def test_same_amount_to_many_strangers_is_spam() -> None:
    """Also to those who held the mint before: nobody pays wages alike to the last unit."""
    owners = wallets(SPAM_RECEIVERS)
    assert marks(mailing([7_000_000] * SPAM_RECEIVERS, held=1).body()) == dict.fromkeys(
        owners, Mark.SPAM
    )


def test_any_amounts_to_many_who_never_held_the_mint_are_spam() -> None:
    """Whoever opens so many accounts for others was not asked to."""
    amounts = [7_000_000 + each for each in range(SPAM_RECEIVERS)]
    assert set(marks(mailing(amounts).body()).values()) == {Mark.SPAM}
    assert marks(mailing(amounts, held=1).body()) == {}


@pytest.mark.parametrize(
    "draft",
    [
        mailing([7_000_000] * (SPAM_RECEIVERS - 1)),
        mailing([7_000_000] * SPAM_RECEIVERS, mint=USDC),
    ],
)
def test_few_receivers_or_a_mint_that_everybody_means_are_no_spam(draft: Draft) -> None:
    """A withdrawal from an exchange has one receiver; wages are paid in dollars."""
    assert marks(draft.body()) == {}


def test_nfts_to_many_strangers_are_spam() -> None:
    """Each NFT is a mint of its own: what counts is that one sender hands out many."""
    draft = Draft(SENDER)
    for number, owner in enumerate(wallets(SPAM_RECEIVERS)):
        account, mint = key(f"of {number}"), key(f"nft {number}")
        draft.tokens(account, owner, mint, None, 1, decimals=0)
        draft.call(TOKEN_PROGRAM, [mint, account, SENDER], mint_to(1))
    assert set(marks(draft.body()).values()) == {Mark.SPAM}


def test_claim_that_its_owner_signed_is_no_spam() -> None:
    """Of a mailing's receivers one asked for it: that one's is not marked."""
    claimer, *others = wallets(SPAM_RECEIVERS + 1)
    draft = mailing([7_000_000] * (SPAM_RECEIVERS + 1), claimer)
    assert marks(draft.body()) == dict.fromkeys(others, Mark.SPAM)


def test_next_to_no_lamports_are_dust() -> None:
    """Up to 10,000 lamports, where the transaction only sends."""
    assert marks(paid(DUST_LAMPORTS).body()) == {ALICE: Mark.DUST}
    assert marks(paid(DUST_LAMPORTS + 1).body()) == {}


def test_small_payment_beside_something_else_is_no_dust() -> None:
    """A program that ran may have asked for the payment: a fee of its own, a deposit."""
    assert marks(paid(100).call(key("program"), [SENDER]).body()) == {}


def test_specks_that_a_program_sends_to_many_are_dust() -> None:
    """Many strangers at once are a mailing, whatever program did it."""
    receivers = wallets(SPAM_RECEIVERS)
    draft = Draft(SENDER).lamports(SENDER, START, START - 5_000 - len(receivers))
    draft.call(key("mailer"), [SENDER])
    for owner in receivers:
        draft.lamports(owner, START, START + 1)
        draft.invoke(SYSTEM_PROGRAM, [SENDER, owner], send(1))
    assert marks(draft.body()) == dict.fromkeys(receivers, Mark.DUST)


@pytest.mark.parametrize(
    ("mint", "decimals", "most"), [(USDC, 6, 10_000), (COIN, 9, 1_000), (COIN, 0, 0)]
)
def test_specks_of_tokens_are_dust(mint: str, decimals: int, most: int) -> None:
    """A cent of a dollar, a millionth of anything else; of what has no parts, nothing is."""
    if most:
        assert set(marks(mailing([most], mint=mint, decimals=decimals).body()).values()) == {
            Mark.DUST
        }
    assert marks(mailing([most + 1], mint=mint, decimals=decimals).body()) == {}


def test_poisoning_with_nothing_at_all_leaves_no_trace() -> None:
    """A transfer of zero tokens, sent to be seen in a history, is neither movement nor trade."""
    draft = Draft(SENDER).tokens(key("hers"), ALICE, COIN, 5, 5)
    draft.tokens(key("his"), SENDER, COIN, 0, 0)
    draft.call(TOKEN_PROGRAM, [key("hers"), key("his"), SENDER], transfer(0))
    found = normalized(draft.body())
    assert [each.kind for each in found.movements] == [Kind.NETWORK_FEE]


@pytest.mark.parametrize("text", ["claim at https://a.example", "JUP-drop.com", "join t.me/abc"])
def test_memo_with_a_link_makes_what_comes_with_it_spam(text: str) -> None:
    """A few lamports or an unheard-of mint with an address to visit: an advertisement."""
    assert marks(paid(LINKED_LAMPORTS).call(MEMO, [SENDER], text.encode()).body()) == {
        ALICE: Mark.SPAM
    }
    draft = mailing([7_000_000]).call(MEMO, [SENDER], text.encode())
    assert set(marks(draft.body()).values()) == {Mark.SPAM}


def test_memo_without_a_link_or_a_payment_with_one_is_no_spam() -> None:
    """A shop may well put its address beside an invoice's number."""
    assert marks(paid(LINKED_LAMPORTS).call(MEMO, [SENDER], b"invoice 7.5").body()) == {}
    draft = paid(LINKED_LAMPORTS + 1).call(MEMO, [SENDER], b"https://shop.example")
    assert marks(draft.body()) == {}
    dollars = mailing([7_000_000], mint=USDC).call(MEMO, [SENDER], b"https://shop.example")
    assert marks(dollars.body()) == {}


def test_memo_reads_alike_in_every_encoding() -> None:
    """`jsonParsed` states a memo as its text alone; one that is no text says nothing."""
    body = paid(LINKED_LAMPORTS).call(MEMO, [SENDER], b"x").body()
    memo = body["transaction"]["message"]["instructions"][-1]
    del memo["data"]
    memo["parsed"] = "https://a.example"
    assert marks(body) == {ALICE: Mark.SPAM}
    del memo["parsed"]
    memo["data"] = "0OIl"
    assert marks(body) == {}


def test_only_what_is_marked_says_so() -> None:
    """The JSON form of an unmarked movement has no `mark`."""
    rows = render(normalized(paid(1).body()))["movements"]
    assert [row.get("mark") for row in rows if row["owner"] == ALICE] == ["dust"]
    assert all("mark" not in row for row in rows if row["owner"] == SENDER)
