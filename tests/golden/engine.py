"""The project's own way from the golden wallet's transactions to its positions, in process."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from local.upstream.generated.draft import write
from local.upstream.golden.script import Golden
from oof.domain.positions.codec import decode_position
from oof.domain.positions.events import of_wallet
from oof.domain.positions.stored import ExitRow, HistoryEvent, PositionRow, fold_page
from oof.domain.positions.valuing import SolLegs
from oof.domain.snapshot.ledger import BalanceMark
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.units import Address, Slot

PAGE = 500


class Told(NamedTuple):
    """A transaction as it is read, and its place in its block."""

    transaction: NormalizedTransaction
    tx_index: int


class Folded(NamedTuple):
    """What the engine keeps of a wallet."""

    positions: dict[str, PositionRow]
    exits: dict[tuple[str, str], list[dict[str, Any]]]
    """By mint and signature, in order."""
    episodes: dict[str, list[tuple[int, int | None, int | None, int | None]]]
    """Slot and time of its beginning, then of its end."""
    other_fees_lamports: int


def read_all(golden: Golden) -> list[Told]:
    """Normalize every transaction of the wallet; within a slot they stand in order."""
    places: Counter[int] = Counter()
    found = []
    for draft in golden.drafts:
        result = normalize(write(draft))
        if not isinstance(result, NormalizedTransaction):
            raise TypeError(f"{draft.signatures[0]} could not be read: {result}")
        index = places[draft.slot]
        places[draft.slot] += 1
        found.append(Told(result._replace(tx_index=index), index))
    return found


def fold(told: Sequence[Told], wallet: str) -> Folded:
    """Fold transactions in pages, each over what the pages before stored."""
    accounts: dict[str, int] = {}
    events = [
        _event(number, each.transaction, wallet, accounts) for number, each in enumerate(told)
    ]
    result = Folded({}, {}, {}, 0)
    known: dict[int, Slot] = {}
    exits: list[tuple[str, ExitRow]] = []
    other = 0
    for start in range(0, len(events), PAGE):
        rows = fold_page(
            events[start : start + PAGE],
            stored=result.positions.values(),
            known_accounts=frozenset(known),
            valuer=SolLegs(),
        )
        result.positions.update({row.mint: row for row in rows.positions})
        known |= rows.accounts
        other += rows.other_fees_lamports
        exits += [(events[row.tx_id].transaction.signature, row) for row in rows.exits]
        for each in rows.episodes:
            ended = (each.opened_slot, each.opened_at, each.closed_slot, each.closed_at)
            result.episodes.setdefault(each.mint, []).append(ended)
    for signature, row in exits:
        result.exits.setdefault((row.mint, signature), []).append(dict(row.document))
    for position in result.positions.values():
        opened = decode_position(position.mint, position.state).opened
        if opened is not None:
            lasting = (opened[0].slot, opened[1], None, None)
            result.episodes.setdefault(position.mint, []).append(lasting)
    return result._replace(other_fees_lamports=other)


def _event(
    number: int, transaction: NormalizedTransaction, wallet: str, accounts: dict[str, int]
) -> HistoryEvent:
    marks = [
        BalanceMark(
            accounts.setdefault(each.account, len(accounts)), each.mint, each.pre_raw, each.post_raw
        )
        for each in transaction.balances
        if each.owner == wallet
    ]
    return HistoryEvent(number, of_wallet(transaction, Address(wallet)), tuple(marks))
