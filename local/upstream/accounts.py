"""Accounts as the RPC shows them: lamports, owner, and token data parsed or in base64."""

import base64
from decimal import Decimal
from typing import Any

import base58

from local.upstream.index import IndexedChain
from local.upstream.model import NATIVE_MINT, TOKEN_2022_PROGRAM, AccountState, TokenRow

NEVER = 2**64 - 1
"""The rent epoch of rent-exempt accounts."""
NATIVE_RESERVE = 2_039_280
CLASSIC_SPACE = 165
"""Bytes of a token account without extensions."""


def context(chain: IndexedChain) -> dict[str, Any]:
    """Return the `context` of an answer about the present."""
    return {"apiVersion": "3.0.6", "slot": chain.tip_slot()}


def account_value(state: AccountState, options: dict[str, Any]) -> dict[str, Any]:
    """Return an account in the encoding asked for; data other than tokens' is not kept."""
    encoding = options.get("encoding", "base58")
    if encoding == "jsonParsed" and state.token is not None:
        data: Any = _parsed(state, state.token)
    else:
        raw = b"" if state.token is None else _packed(state.token) + _extensions(state)
        data = _encoded(raw, encoding, options.get("dataSlice"))
    return {
        "data": data,
        "executable": state.executable,
        "lamports": state.lamports,
        "owner": state.program,
        "rentEpoch": NEVER,
        "space": state.space,
    }


def _encoded(raw: bytes, encoding: str, cut: dict[str, int] | None) -> Any:
    if cut is not None:
        raw = raw[cut["offset"] : cut["offset"] + cut["length"]]
    if encoding == "base58":
        return base58.b58encode(raw).decode()
    return [base64.b64encode(raw).decode(), "base64"]


def token_amount(raw: int, decimals: int) -> dict[str, Any]:
    """Return a `uiTokenAmount`."""
    scaled = Decimal(raw).scaleb(-decimals)
    text = f"{scaled:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return {
        "amount": str(raw),
        "decimals": decimals,
        "uiAmount": float(scaled),
        "uiAmountString": text,
    }


def _parsed(state: AccountState, row: TokenRow) -> dict[str, Any]:
    native = row.mint == NATIVE_MINT
    info: dict[str, Any] = {
        "isNative": native,
        "mint": row.mint,
        "owner": row.owner,
        "state": "initialized",
        "tokenAmount": token_amount(row.post or 0, row.decimals),
    }
    if native:
        info["rentExemptReserve"] = token_amount(NATIVE_RESERVE, 9)
    name = "spl-token-2022" if row.program == TOKEN_2022_PROGRAM else "spl-token"
    return {
        "parsed": {"info": info, "type": "account"},
        "program": name,
        "space": state.space,
    }


def _packed(row: TokenRow) -> bytes:
    """Lay out the 165 bytes of a token account without delegate and close authority."""
    native = row.mint == NATIVE_MINT
    return b"".join(
        (
            base58.b58decode(row.mint),
            base58.b58decode(row.owner) if row.owner else bytes(32),
            (row.post or 0).to_bytes(8, "little"),
            bytes(36),
            b"\x01",
            (1 if native else 0).to_bytes(4, "little"),
            (NATIVE_RESERVE if native else 0).to_bytes(8, "little"),
            bytes(8),
            bytes(36),
        )
    )


def _extensions(state: AccountState) -> bytes:
    """Return what follows in a Token-2022 account: its kind, and an empty immutable owner."""
    if state.program != TOKEN_2022_PROGRAM or state.space <= CLASSIC_SPACE:
        return b""
    kind, immutable_owner = b"\x02", b"\x07\x00\x00\x00"
    return (kind + immutable_owner).ljust(state.space - CLASSIC_SPACE, b"\0")
