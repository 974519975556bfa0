"""Spam and dust: what arrived without anybody asking for it, kept but marked.

The evidence is the transaction alone. Something is *unsolicited* where it was transferred or
minted to an owner who neither signed nor gave anything in the transaction: a claim is signed, a
purchase paid for. Unsolicited is also a gift, a wage or a withdrawal from an exchange, so a mark
asks for more:

- spam: one sender hands the same mint, or NFTs, to many strangers at once, each the same amount
  or none of whom held it before; or a memo with a link comes with it. Mints that everybody means
  by their symbol are never spam that way, nor is SOL: those are payouts.
- dust: next to nothing, in a transaction that does nothing else than send, or to many at once:
  what is sent so that its sender's address is seen.

A mailing of something worthwhile looks no different, so a mark is a reason to hide, never to drop.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from oof.domain.tokens import DOLLARS, NEVER_SPAM
from oof.domain.transactions.addresses import (
    ASSOCIATED_TOKEN,
    COMPUTE_BUDGET,
    SYSTEM,
    TOKEN,
    TOKEN_2022,
    is_on_curve,
)
from oof.domain.transactions.body import Body
from oof.domain.transactions.model import Kind, Mark, Movement
from oof.domain.units import SOL_MINT, Mint

SPAM_RECEIVERS: Final = 5
"""So many strangers at once are a mailing. A transaction has room for 8 or 10 new accounts."""

DUST_LAMPORTS: Final = 10_000
"""0.00001 SOL: at most what two signatures cost."""

DUST_OF_DOLLAR_RAW: Final = 10_000
"""One cent of a stablecoin of 6 decimals."""

DUST_SHARE: Final = 1_000_000
"""Of any other mint, so small a part of one: below a dollar for whatever costs less than BTC."""

LINKED_LAMPORTS: Final = 1_000_000
"""0.001 SOL: what is still no payment if a memo with a link comes with it."""

_MEMOS: Final = frozenset(
    {
        "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr",
        "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo",
    }
)
_LIGHTHOUSE: Final = "L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95"
_SENDING: Final = _MEMOS | {
    SYSTEM,
    TOKEN,
    TOKEN_2022,
    ASSOCIATED_TOKEN,
    COMPUTE_BUDGET,
    _LIGHTHOUSE,
}
_LINK: Final = re.compile(
    rb"https?://|www\.|t\.me/|[a-z0-9-]+\.(?:com|net|org|io|app|xyz|gg|fi|fun|site|live|online)\b",
    re.IGNORECASE,
)
_MOST_DECIMALS: Final = 38
"""What 64 bits hold has at most 19 digits; decimals are a byte, and spoiled data may say more."""

_GIVEN: Final = frozenset({Kind.TRANSFER, Kind.MINT})

type _Group = tuple[str | None, str | None]


def mark_movements(
    body: Body, movements: tuple[Movement, ...], decimals: Mapping[Mint, int]
) -> tuple[Movement, ...]:
    """Give the movements with those marked that were unsolicited and are spam or dust."""
    arrivals = _unsolicited(body, movements)
    if not arrivals:
        return movements
    marks = _dust(body, arrivals, decimals) | _spam(body, arrivals, decimals)
    if not marks:
        return movements
    return tuple(
        movement._replace(mark=marks[id(movement)]) if id(movement) in marks else movement
        for movement in movements
    )


def _unsolicited(body: Body, movements: tuple[Movement, ...]) -> list[Movement]:
    arrivals = [
        movement
        for movement in movements
        if movement.delta_raw > 0
        and movement.kind in _GIVEN
        and movement.owner is not None
        and movement.owner not in body.signers
    ]
    if not arrivals:
        return arrivals
    givers = {movement.owner for movement in movements if movement.delta_raw < 0}
    return [movement for movement in arrivals if movement.owner not in givers]


def _spam(body: Body, arrivals: list[Movement], decimals: Mapping[Mint, int]) -> dict[int, Mark]:
    if _has_link(body):
        return {
            id(movement): Mark.SPAM
            for movement in arrivals
            if movement.mint not in NEVER_SPAM
            or (movement.mint == SOL_MINT and movement.delta_raw <= LINKED_LAMPORTS)
        }
    groups: dict[_Group, list[Movement]] = {}
    for movement in arrivals:
        if movement.mint not in NEVER_SPAM:
            is_nft = decimals.get(movement.mint) == 0 and movement.delta_raw == 1
            group = (None if is_nft else movement.mint, movement.counterparty)
            groups.setdefault(group, []).append(movement)
    many = [members for members in groups.values() if _are_many(members)]
    held = {(each.owner, each.mint) for each in body.pre_tokens.values()} if many else set()
    return {
        id(movement): Mark.SPAM
        for members in many
        if _is_mailing(members, held)
        for movement in members
    }


def _is_mailing(members: list[Movement], held: set[tuple[str | None, str]]) -> bool:
    """Whether all got the same, or got what none of them held before."""
    if len({movement.delta_raw for movement in members}) == 1:
        return True
    return held.isdisjoint((movement.owner, movement.mint) for movement in members)


def _are_many(members: list[Movement]) -> bool:
    if len(members) < SPAM_RECEIVERS:
        return False
    owners = {movement.owner for movement in members}
    wallets = (owner for owner in owners if owner is not None and is_on_curve(owner))
    return len(list(islice(wallets, SPAM_RECEIVERS))) == SPAM_RECEIVERS


def _dust(body: Body, arrivals: list[Movement], decimals: Mapping[Mint, int]) -> dict[int, Mark]:
    specks = [
        movement
        for movement in arrivals
        if movement.kind is Kind.TRANSFER
        and movement.delta_raw <= _most_dust(movement.mint, decimals)
    ]
    if not specks or not (_only_sends(body) or _are_many(specks)):
        return {}
    return {id(movement): Mark.DUST for movement in specks}


def _most_dust(mint: Mint, decimals: Mapping[Mint, int]) -> int:
    if mint == SOL_MINT:
        return DUST_LAMPORTS
    if mint in DOLLARS:
        return DUST_OF_DOLLAR_RAW
    return int(10 ** max(0, min(decimals.get(mint, 0), _MOST_DECIMALS))) // DUST_SHARE


def _only_sends(body: Body) -> bool:
    return all(each.program in _SENDING for each in body.instructions)


def _has_link(body: Body) -> bool:
    return any(_LINK.search(text) for text in _memos(body))


def _memos(body: Body) -> Iterable[bytes]:
    for instruction in body.instructions:
        if instruction.program in _MEMOS:
            if instruction.parsed is not None:
                yield str(instruction.parsed.get("memo", "")).encode(errors="replace")
                continue
            try:
                yield instruction.read_data()
            except ValueError:
                continue
