"""What is told of tokens is untrusted: cleaned, bounded, and never more than what was told."""

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oof.domain.tokens import symbol_of
from oof.domain.tokens_facts import (
    LONGEST_WAIT,
    MAX_LOGO,
    MAX_NAME,
    MAX_SYMBOL,
    Said,
    TokenAnomaly,
    TokenFacts,
    TokenSource,
    asked_again_after,
    clean_decimals,
    clean_logo,
    clean_text,
    facts_of,
    poses_as_known,
    settled,
    told_token,
    with_known,
)
from oof.domain.tokens_known import KNOWN, SYMBOLS, USDC_MINT
from oof.domain.transactions.addresses import is_on_curve
from oof.domain.units import SOL_MINT, Mint
from tests.support.transactions import address

COIN = Mint(address("coin"))
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def told(**said: Any):
    """What Jupiter told of the coin."""
    whole = {"symbol": "CAT", "name": "Cat", "decimals": 6, **said}
    found = told_token(COIN, TokenSource.JUPITER, Said(**whole))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("BONK", "BONK"),
        ("  two \t words\n", "two words"),
        ("USD\u202e nioC\u0000", "USD nioC"),
        ("\u2066A\u2069\u200b\ufeffB", "AB"),
        ("e\u0301", "é"),
        ("half \ud83d of one", "half of one"),
        ("\u2028\u2029", None),
        ("", None),
        (None, None),
        (7, None),
        (["A"], None),
        ("x" * 33, "x" * 31 + "…"),
        ("x" * 10_000_000, "x" * 31 + "…"),
        ("猫" * 32, "猫" * 32),
    ],
)
def test_texts_are_cleaned_and_bounded(value, expected):
    """Controls and what turns text around go, whitespace is one space, the rest is in NFC."""
    assert clean_text(value, MAX_SYMBOL) == expected


@given(st.text(max_size=400))
def test_a_cleaned_text_is_safe_and_stays_so(value):
    """Whatever comes: bounded, in NFC, without hostile characters, encodable, and clean already."""
    text = clean_text(value, MAX_NAME)
    if text is None:
        return
    assert 1 <= len(text) <= MAX_NAME
    assert unicodedata.is_normalized("NFC", text)
    assert not {unicodedata.category(char) for char in text} & {"Cc", "Cf", "Cs", "Co", "Cn"}
    assert text.encode()
    assert clean_text(text, MAX_NAME) == text


@pytest.mark.parametrize(
    "value",
    [
        "https://logos.example/cat.png",
        "https://ipfs.io/ipfs/bafy?x=1&y=(2)",
        "https://xn--bcher-kva.example/a%20b.png",
    ],
)
def test_a_logo_is_a_link(value):
    """An https address of a named host is kept as it is."""
    assert clean_logo(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "http://logos.example/cat.png",
        "ipfs://bafy",
        "data:image/svg+xml,<svg onload=alert(1)>",
        "javascript:alert(1)",
        "https://127.0.0.1/cat.png",
        "https://[::1]/cat.png",
        "https://2130706433/cat.png",
        "https://localhost/cat.png",
        "https://user:secret@logos.example/cat.png",
        "https://logos.example:8443/cat.png",
        "https://logos.example:99999/cat.png",
        'https://logos.example/"><script>',
        "https://logos.example/a b.png",
        "https://logos.example/\u202egnp.png",
        "https://logos.example\n/cat.png",
        "https://logos.example/" + "x" * MAX_LOGO,
        "https://",
        "https://[",
        "",
        None,
        5,
        {"uri": "https://logos.example/cat.png"},
    ],
)
def test_what_is_no_plain_link_is_dropped(value):
    """Other schemes, addresses of machines, credentials, ports and markup are no logo."""
    assert clean_logo(value) is None


@pytest.mark.parametrize("value", [None, "6", 6.0, -1, 256, True, [6], 10**30])
def test_decimals_are_a_byte(value):
    """Whatever else is told is no number of decimals."""
    assert clean_decimals(value) is None
    assert clean_decimals(0) == 0
    assert clean_decimals(255) == 255


def test_nothing_named_is_nothing_told():
    """A logo alone does not make a token known; a name does."""
    said = Said(symbol="\u200b", name=None, logo="https://logos.example/cat.png")
    assert told_token(COIN, TokenSource.HELIUS, said) is None
    assert told(symbol=None).name == "Cat"
    assert told(is_verified="yes").is_verified is None


def test_the_chain_s_decimals_stay():
    """Other decimals than the chain's are an anomaly; where the chain's are unknown they count."""
    facts = facts_of(told(decimals=9), 6, AT)
    assert (facts.decimals, facts.anomalies) == (6, (TokenAnomaly.DECIMALS_DIFFER,))
    assert facts_of(told(decimals=9), None, AT).decimals == 9
    assert facts_of(told(decimals=None), 6, AT).anomalies == ()


@pytest.mark.parametrize(
    "symbol", ["USDC", "usdc", "$USDC", "\uff35\uff33\uff24\uff23", "Sol", "JitoSOL"]
)
def test_nobody_is_shown_under_a_known_symbol(symbol):
    """In whatever case or width: the mint that everybody means keeps it alone."""
    facts = facts_of(told(symbol=symbol), 6, AT)
    assert (facts.symbol, facts.anomalies) == (None, (TokenAnomaly.POSES_AS_KNOWN,))
    assert not poses_as_known(USDC_MINT, "USDC")
    assert facts_of(told(symbol="USDCX"), 6, AT).symbol == "USDCX"


def test_known_tokens_never_depend_on_who_tells():
    """Their symbol is that of the list, whatever is stored; all others show what is stored."""
    assert symbol_of(USDC_MINT, "FAKE") == "USDC"
    assert symbol_of(SOL_MINT, None) == "SOL"
    assert symbol_of(COIN, "CAT") == "CAT"
    assert symbol_of(COIN, None) is None
    facts = with_known(TokenFacts(mint=USDC_MINT, symbol="FAKE", name="Fake", decimals=2))
    assert (facts.symbol, facts.name, facts.decimals) == ("USDC", "USD Coin", 6)
    assert (facts.is_verified, facts.source) == (True, TokenSource.LIST)


def test_the_list_of_known_tokens_is_sound():
    """Addresses, distinct symbols that need no cleaning, and decimals that a mint can have."""
    assert len(set(SYMBOLS.values())) == len(KNOWN)
    for known in KNOWN.values():
        assert is_on_curve(known.mint) in {True, False}
        assert clean_text(known.symbol, MAX_SYMBOL) == known.symbol
        assert clean_text(known.name, MAX_NAME) == known.name
        assert clean_decimals(known.decimals) is not None


def test_what_is_told_is_asked_again_ever_later():
    """After six hours, then twice as long each time nothing changed, up to a week."""
    row, at = None, AT
    waits = []
    for _ in range(8):
        row = settled(row, COIN, told(), on_chain=6, at=at)
        waits.append(row.due_at - at)
        at = row.due_at
    hours = [wait // timedelta(hours=1) for wait in waits]
    assert hours == [6, 12, 24, 48, 96, 168, 168, 168]
    renamed = settled(row, COIN, told(symbol="DOG"), on_chain=6, at=at)
    assert renamed.due_at - at == timedelta(hours=6)


def test_what_nobody_knows_is_asked_sooner_and_never_invented():
    """After a quarter of an hour, then four times as long, up to a week."""
    row, at = None, AT
    waits = []
    for _ in range(6):
        row = settled(row, COIN, None, on_chain=6, at=at)
        assert (row.facts.symbol, row.facts.source, row.facts.as_of) == (None, None, None)
        waits.append((row.due_at - at) // timedelta(minutes=1))
        at = row.due_at
    assert waits == [15, 60, 240, 960, 3_840, 10_080]
    assert asked_again_after(is_told=False, tries=10**6) == LONGEST_WAIT


def test_what_was_told_stays_where_nobody_knows_any_more():
    """A provider that forgot a token does not take its name away."""
    first = settled(None, COIN, told(), on_chain=6, at=AT)
    later = settled(first, COIN, None, on_chain=6, at=AT + timedelta(hours=6))
    assert (later.facts.symbol, later.facts.as_of) == ("CAT", AT)
    assert later.facts.asked_at == AT + timedelta(hours=6)
    assert later.due_at - AT == timedelta(hours=18)
