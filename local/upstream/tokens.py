"""What tokens are called: Jupiter's tokens v2, Helius' `getAssetBatch`, DexScreener's pools.

Nobody recorded these, so each mint's name follows from its address alone: the same in every run and
on every chain. Like on the real chain some mints are known to one provider and not to another, some
to nobody, and some bear what no one should show as it is: a famous symbol, text that turns around,
wrong decimals, links that are none.
"""

from hashlib import sha256
from typing import Any, NamedTuple

from local.upstream.rpc_errors import RpcError
from local.upstream.state import Upstream

SEARCHED_AT_MOST = 100
ASSETS_AT_MOST = 1_000
POOLED_AT_MOST = 30

FAMOUS = {
    "So11111111111111111111111111111111111111112": ("SOL", "Wrapped SOL", 9),
    "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v": ("USDC", "USD Coin", 6),
    "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB": ("USDT", "USDT", 6),
}

_ONSETS = "BCDFGKLMNPRSTVWZ"
_VOWELS = "AEIOU"


class Token(NamedTuple):
    """What there is to tell of a mint."""

    mint: str
    symbol: str
    name: str
    decimals: int
    logo: str
    is_verified: bool
    providers: frozenset[str]
    """Who knows it."""


def token_of(upstream: Upstream, mint: str) -> Token:
    """Return a mint's facts."""
    quote = upstream.prices.jupiter([mint]).get(mint, {})
    # who is not priced is guessed at, and not always rightly
    decimals = int(quote.get("decimals", 6))
    if mint in FAMOUS:
        symbol, name, decimals = FAMOUS[mint]
        known = frozenset({"jupiter", "helius", "dexscreener"})
        return Token(mint, symbol, name, decimals, _logo(symbol), True, known)
    told = sha256(mint.encode()).digest()
    symbol = "".join(
        _ONSETS[told[at] % len(_ONSETS)] + _VOWELS[told[at + 1] % len(_VOWELS)] for at in (0, 2)
    )
    name, logo = f"{symbol.capitalize()} Coin", _logo(symbol)
    if told[4] % 16 == 0:
        symbol, name, logo = "USDC", "USD\u202e nioC\u0000", "http://127.0.0.1/logo.png"
    return Token(mint, symbol, name, decimals, logo, told[5] % 4 == 0, _knowing(told[6]))


def _logo(symbol: str) -> str:
    return f"https://logos.example/{symbol.lower()}.png"


def _knowing(chance: int) -> frozenset[str]:
    """Return who knows a mint: most are on chain, fewer are traded, some are known to nobody."""
    if chance < 128:
        return frozenset({"jupiter", "helius", "dexscreener"})
    if chance < 200:
        return frozenset({"helius"})
    return frozenset({"dexscreener"}) if chance < 216 else frozenset()


def searched(upstream: Upstream, mints: list[str]) -> list[dict[str, Any]]:
    """Return Jupiter's entries of those mints that it knows."""
    tokens = [token_of(upstream, mint) for mint in mints]
    return [
        {
            "id": token.mint,
            "name": token.name,
            "symbol": token.symbol,
            "icon": token.logo,
            "decimals": token.decimals,
            "tokenProgram": "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
            "isVerified": token.is_verified,
            "tags": ["verified"] if token.is_verified else [],
        }
        for token in tokens
        if "jupiter" in token.providers
    ]


def pooled(upstream: Upstream, mints: list[str]) -> list[dict[str, Any]]:
    """Return DexScreener's pools of those mints that it knows, each against SOL."""
    tokens = [token_of(upstream, mint) for mint in mints]
    sol = {"address": next(iter(FAMOUS)), "name": "Wrapped SOL", "symbol": "SOL"}
    return [
        {
            "chainId": "solana",
            "dexId": "raydium",
            "pairAddress": token.mint,
            "baseToken": {"address": token.mint, "name": token.name, "symbol": token.symbol},
            "quoteToken": sol,
            "info": {"imageUrl": token.logo},
        }
        for token in tokens
        if "dexscreener" in token.providers
    ]


def assets(upstream: Upstream, params: Any) -> list[dict[str, Any] | None]:
    """Return Helius' assets in the order asked for, null for those it does not know.

    Raises:
        RpcError: the parameters are not an object with 1 to 1,000 ids.
    """
    mints = params.get("ids") if isinstance(params, dict) else None
    if not isinstance(mints, list) or not 1 <= len(mints) <= ASSETS_AT_MOST:
        raise RpcError(-32602, f"Invalid params: ids, 1 to {ASSETS_AT_MOST}")
    return [_asset(token_of(upstream, str(mint))) for mint in mints]


def _asset(token: Token) -> dict[str, Any] | None:
    if "helius" not in token.providers:
        return None
    return {
        "interface": "FungibleToken",
        "id": token.mint,
        "content": {
            "json_uri": f"{token.logo}.json",
            "metadata": {"name": token.name, "symbol": token.symbol},
            "links": {"image": token.logo},
        },
        "token_info": {"decimals": token.decimals, "symbol": token.symbol},
        "burnt": False,
    }
