"""What is known of a token beside its amounts: told by providers, so none of it is trusted.

Whoever makes a mint writes its symbol, name and logo. So texts are cleaned and bounded before they
are kept, a logo is a link that we never follow, decimals are the chain's, and nobody is shown under
the symbol of a token that everybody knows.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from oof.domain.tokens_known import KNOWN, SYMBOLS
from oof.domain.units import Mint

MAX_SYMBOL: Final = 32
MAX_NAME: Final = 128
MAX_LOGO: Final = 512
MAX_DECIMALS: Final = 255
"""A mint's decimals are one byte: https://github.com/solana-program/token (`struct Mint`)."""

REFRESHED_AFTER: Final = timedelta(hours=6)
MISSED_AFTER: Final = timedelta(minutes=15)
LONGEST_WAIT: Final = timedelta(days=7)

_HOSTILE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, what turns text around or joins it unseen, halves of characters, the unassigned."""
_LINK: Final = re.compile(r"https://[A-Za-z0-9\-._~:/?#@!$&()*+,;=%\[\]]+")
_HOST: Final = re.compile(r"(?=.*[a-z])([a-z0-9-]+\.)+[a-z][a-z0-9-]+")


class TokenSource(StrEnum):
    """Who told what is known of a token."""

    LIST = "list"
    """Our own versioned list of tokens that everybody knows."""
    JUPITER = "jupiter"
    HELIUS = "helius"
    DEXSCREENER = "dexscreener"


class TokenAnomaly(StrEnum):
    """What was odd about what was told."""

    DECIMALS_DIFFER = "decimals_differ"
    """Other decimals than the chain's were told; the chain's are kept."""
    POSES_AS_KNOWN = "poses_as_known"
    """It bears the symbol of a token that everybody knows: it is shown without one."""


class Said(NamedTuple):
    """What a provider's answer says of a token, as it came."""

    symbol: Any
    name: Any
    decimals: Any = None
    logo: Any = None
    is_verified: Any = None


class ToldToken(NamedTuple):
    """What a provider told of a mint, cleaned."""

    mint: Mint
    source: TokenSource
    symbol: str | None
    name: str | None
    decimals: int | None
    logo: str | None
    is_verified: bool | None
    """None where the provider does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFacts:
    """What is known of a mint; what nobody told is None."""

    mint: Mint
    symbol: str | None = None
    name: str | None = None
    decimals: int | None = None
    logo: str | None = None
    is_verified: bool | None = None
    source: TokenSource | None = None
    as_of: datetime | None = None
    """When it was told last."""
    asked_at: datetime | None = None
    """When somebody was asked last; None where nobody was yet."""
    anomalies: tuple[TokenAnomaly, ...] = ()


def clean_text(value: Any, limit: int) -> str | None:
    """Return a text that is safe to show, in NFC, of `limit` characters at most; None for none.

    Longer ones are cut: they end in an ellipsis.
    """
    if not isinstance(value, str):
        return None
    # what is cut off here could not be shown anyhow; normalizing is not done on a megabyte
    told = "".join(
        " " if char.isspace() else char
        for char in unicodedata.normalize("NFC", value[: 8 * limit])
        if char.isspace() or unicodedata.category(char) not in _HOSTILE
    )
    text = unicodedata.normalize("NFC", " ".join(told.split()))
    if len(text) > limit:
        text = f"{text[: limit - 1].rstrip()}…"
    return text or None


def clean_logo(value: Any) -> str | None:
    """Return a link to a picture; None for what is no plain https address of a named host."""
    if not isinstance(value, str) or len(value) > MAX_LOGO or not _LINK.fullmatch(value):
        return None
    try:
        parts = urlsplit(value)
        is_plain = parts.username is None and parts.password is None and parts.port is None
    except ValueError:
        return None
    return value if is_plain and _HOST.fullmatch(parts.hostname or "") else None


def clean_decimals(value: Any) -> int | None:
    """Return decimals; None for what can be none."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= MAX_DECIMALS else None


def told_token(mint: Mint, source: TokenSource, said: Said) -> ToldToken | None:
    """Return what a provider's answer says of a mint; None where it has neither symbol nor name.

    Whatever in it is of no use is left out.
    """
    told = ToldToken(
        mint=mint,
        source=source,
        symbol=clean_text(said.symbol, MAX_SYMBOL),
        name=clean_text(said.name, MAX_NAME),
        decimals=clean_decimals(said.decimals),
        logo=clean_logo(said.logo),
        is_verified=said.is_verified if isinstance(said.is_verified, bool) else None,
    )
    return None if told.symbol is None and told.name is None else told


def facts_of(told: ToldToken, on_chain: int | None, at: datetime) -> TokenFacts:
    """Return what is kept of what was told, beside the chain's own decimals."""
    found = []
    if on_chain is not None and told.decimals not in {None, on_chain}:
        found.append(TokenAnomaly.DECIMALS_DIFFER)
    if poses_as_known(told.mint, told.symbol):
        found.append(TokenAnomaly.POSES_AS_KNOWN)
    return TokenFacts(
        mint=told.mint,
        symbol=None if TokenAnomaly.POSES_AS_KNOWN in found else told.symbol,
        name=told.name,
        decimals=told.decimals if on_chain is None else on_chain,
        logo=told.logo,
        is_verified=told.is_verified,
        source=told.source,
        as_of=at,
        asked_at=at,
        anomalies=tuple(found),
    )


def with_known(facts: TokenFacts) -> TokenFacts:
    """Return facts with what our own list says of the mint, which goes before all others."""
    known = KNOWN.get(facts.mint)
    if known is None:
        return facts
    return TokenFacts(
        mint=facts.mint,
        symbol=known.symbol,
        name=known.name,
        decimals=known.decimals,
        logo=facts.logo,
        is_verified=True,
        source=TokenSource.LIST,
        as_of=facts.as_of,
        asked_at=facts.asked_at,
        anomalies=facts.anomalies,
    )


def poses_as_known(mint: Mint, symbol: str | None) -> bool:
    """Whether another mint than the known one bears its symbol, in whatever case or width."""
    return symbol is not None and mint not in KNOWN and _plain(symbol) in _KNOWN_PLAIN


def asked_again_after(*, is_told: bool, tries: int) -> timedelta:
    """Return how long to wait after `tries` earlier answers that said the same.

    What is told is asked for again after six hours, what nobody knows after a quarter of an hour;
    then ever later, up to a week.
    """
    first, growth = (REFRESHED_AFTER, 2) if is_told else (MISSED_AFTER, 4)
    times: int = growth ** min(tries, 8)
    return min(first * times, LONGEST_WAIT)


class TokenRow(NamedTuple):
    """What is stored of a mint that somebody was asked about."""

    facts: TokenFacts
    tries: int
    """Answers since the first that said what the last one said."""
    due_at: datetime
    """When to ask again."""


def settled(
    before: TokenRow | None,
    mint: Mint,
    told: ToldToken | None,
    *,
    on_chain: int | None,
    at: datetime,
) -> TokenRow:
    """Return what is stored after an answer; None is that of everybody not knowing.

    What was told before stays where nobody knows now.
    """
    if told is not None:
        facts = facts_of(told, on_chain, at)
    elif before is not None:
        facts = replace(before.facts, asked_at=at)
    else:
        facts = TokenFacts(mint=mint, decimals=on_chain, asked_at=at)
    is_same = before is not None and replace(facts, as_of=before.facts.as_of) == replace(
        before.facts, asked_at=at
    )
    tries = before.tries + 1 if before is not None and is_same else 0
    wait = asked_again_after(is_told=facts.source is not None, tries=tries)
    return TokenRow(facts, tries, at + wait)


def _plain(symbol: str) -> str:
    return unicodedata.normalize("NFKC", symbol).casefold().strip(" $")


_KNOWN_PLAIN: Final = frozenset(map(_plain, SYMBOLS.values()))
