"""A normalized transaction as a picture on a console.

Amounts are exact and stand under each other by their decimal point, so that the eye can add them
up: the lines under a token are its movements, and their sum is what the chain itself says.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import NamedTuple

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.cli.amounts import readable, short
from oof.domain.labels import LabelKind, label_of
from oof.domain.tokens import SYMBOLS, Amount
from oof.domain.transactions.model import (
    Kind,
    Movement,
    NormalizedTransaction,
    Role,
    Status,
    Trade,
    Unreadable,
)
from oof.domain.units import SOL_DECIMALS, SOL_MINT, Mint, RawAmount

_KNOWN_FOR = {
    LabelKind.EXCHANGE: "wallet of {}",
    LabelKind.TIP: "{} tips",
    LabelKind.TERMINAL_FEE: "fees of {}",
    LabelKind.PROTOCOL_FEE: "fees of {}",
}

FEES = frozenset(
    {
        Kind.NETWORK_FEE,
        Kind.PRIORITY_FEE,
        Kind.TIP,
        Kind.PLATFORM_FEE,
        Kind.PROTOCOL_FEE,
        Kind.CREATOR_FEE,
        Kind.BOT_FEE,
        Kind.TRANSFER_FEE,
    }
)
"""What a transaction cost beside its price; rent, which may come back, is none of it."""

_TITLE_WIDTH = 94
"""Columns from which a signature fits into a frame's title."""
_OWNERS = 12
_PARTIES = 4
"""Owners of a transaction, and counterparties of one kind, shown unless all are asked for."""
_QUOTES = {"USDC": 2, "USDT": 2, "SOL": 1}
"""In what prices are told, the strongest first."""
_UNSEEN = "�"


class _Row(NamedTuple):
    """One line of amounts: exact, in units of its mint."""

    label: str
    amount: str
    note: Text
    style: str
    colour: str


def draw_transaction(
    console: Console, transaction: NormalizedTransaction, *, is_whole: bool
) -> None:
    """Draw one transaction; a whole drawing leaves no owner and no counterparty out."""
    console.print()
    console.print(_header(transaction, is_narrow=console.width < _TITLE_WIDTH))
    _draw_trades(console, transaction)
    _draw_owners(console, transaction, is_whole=is_whole)
    _draw_fees(console, transaction)
    _draw_anomalies(console, transaction)


def draw_unreadable(console: Console, unreadable: Unreadable, line: int) -> None:
    """Say why a line holds no transaction."""
    console.print()
    said = f"line {line}: {_clean(unreadable.code)}, {_clean(unreadable.detail)}"
    console.print(Text(f"✗ {said}", style="red"), soft_wrap=True)


def _header(transaction: NormalizedTransaction, *, is_narrow: bool) -> Panel:
    is_failed = transaction.status is Status.FAILED
    colour = "red" if is_failed else "green"
    grid = Table.grid(padding=(0, 3))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    signature = _clean(transaction.signature)
    if is_narrow:
        grid.add_row("signature", signature)
    for name, value in _facts(transaction):
        grid.add_row(name, value)
    title = Text(short(signature) if is_narrow else signature, style="bold")
    return Panel(
        grid,
        title=title,
        title_align="left",
        box=box.ROUNDED,
        border_style=colour,
        expand=False,
    )


def _facts(transaction: NormalizedTransaction) -> Iterator[tuple[str, Text]]:
    if transaction.status is Status.FAILED:
        yield "status", Text("failed: it cost its fee and moved nothing else", style="red")
    else:
        yield "status", Text("ok", style="green")
    yield "time", Text(_time(transaction.block_time))
    yield "slot", Text(_place(transaction))
    yield "fee payer", Text(_clean(transaction.fee_payer))
    others = [each for each in transaction.signers if each != transaction.fee_payer]
    if others:
        yield "signers", Text("\n".join(_clean(each) for each in others))
    venues = list(dict.fromkeys(trade.venue for trade in transaction.trades))
    if venues:
        yield "venue", Text(", ".join(venues), style="cyan")
    terminals = list(dict.fromkeys(trade.terminal for trade in transaction.trades))
    if named := [terminal for terminal in terminals if terminal is not None]:
        yield "terminal", Text(", ".join(named), style="magenta")


def _time(seconds: int | None) -> str:
    if seconds is None:
        return "unknown"
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{seconds} s after 1970"


def _place(transaction: NormalizedTransaction) -> str:
    slot = "unknown" if transaction.slot is None else f"{transaction.slot:,}"
    index = transaction.tx_index
    return slot if index is None else f"{slot}, number {index:,} in its block"


def _draw_trades(console: Console, transaction: NormalizedTransaction) -> None:
    if not transaction.trades:
        return
    _headline(console, "Trades" if len(transaction.trades) > 1 else "Trade")
    for position, trade in enumerate(transaction.trades):
        if position:
            console.print()
        sold = _amount(transaction, trade.sold_mint, trade.sold_raw)
        bought = _amount(transaction, trade.bought_mint, trade.bought_raw)
        line = Text().append(f"{_exact(sold)} {_token(sold.mint)}", style="bold red")
        for venue in trade.route:
            style = "yellow" if venue == "unknown" else "cyan"
            line.append(" ─▶ ", style="dim").append(venue, style=style)
        line.append(" ─▶ ", style="dim")
        line.append(f"{_exact(bought)} {_token(bought.mint)}", style="bold green")
        told = [line, _circumstances(trade)]
        if price := _price(sold, bought):
            told.append(Text(price, style="dim"))
        console.print(Padding(Group(*told), (0, 0, 0, 2), expand=False))


def _circumstances(trade: Trade) -> Text:
    side = "the maker" if trade.role is Role.MAKER else "the taker"
    parts = [f"{_name(trade.trader)}, {side}, on {trade.venue}"]
    if trade.terminal is not None:
        parts.append(f"through {trade.terminal}")
    parts.append(f"by instruction {trade.outer_index}")
    if trade.arbitrage:
        parts.append("arbitrage")
    return Text(", ".join(parts), style="dim")


def _price(sold: Amount, bought: Amount) -> str | None:
    """Tell the price of one unit, in the stronger of the two; None where there is none."""
    if sold.mint == bought.mint or sold.decimals is None or bought.decimals is None:
        return None
    if not sold.raw or not bought.raw:
        return None
    is_sale = _strength(bought.mint) > _strength(sold.mint)
    quote, base = (bought, sold) if is_sale else (sold, bought)
    try:
        price = readable(Decimal(quote.ui or 0) / Decimal(base.ui or 1))
    except InvalidOperation:
        return None  # decimals that no real mint has
    return f"{price} {_token(quote.mint)} for one {_token(base.mint)}, fees apart"


def _strength(mint: Mint) -> int:
    return _QUOTES.get(SYMBOLS.get(mint, ""), 0)


def _draw_owners(console: Console, transaction: NormalizedTransaction, *, is_whole: bool) -> None:
    owners = _ordered_owners(transaction)
    shown = owners if is_whole or len(owners) <= _OWNERS + 1 else owners[:_OWNERS]
    if not shown:
        return
    _headline(console, "Who gave and got")
    blocks = [list(_owner_rows(transaction, owner, is_whole=is_whole)) for owner in shown]
    shape = _Shape.of(row for block in blocks for row in block)
    for position, (owner, block) in enumerate(zip(shown, blocks, strict=True)):
        if position:
            console.print()
        title = Text("  ").append(_clean(owner or "an owner unknown"), style="bold")
        if roles := _roles(transaction, owner):
            title.append(f"  {', '.join(roles)}", style="magenta")
        console.print(title)
        for row in block:
            console.print(shape.line(row))
    if left := len(owners) - len(shown):
        console.print(Text(f"  … and {left} more owners: --all shows them", style="dim"))


def _ordered_owners(transaction: NormalizedTransaction) -> list[str | None]:
    """List whose trade it was, who paid, who signed, then all others as they come."""
    moved = dict.fromkeys(movement.owner for movement in transaction.movements)
    first: list[str | None] = [trade.trader for trade in transaction.trades]
    first += [transaction.fee_payer, *transaction.signers]
    return [owner for owner in dict.fromkeys([*first, *moved]) if owner in moved]


def _roles(transaction: NormalizedTransaction, owner: str | None) -> list[str]:
    found = []
    if any(trade.trader == owner for trade in transaction.trades):
        found.append("trader")
    if owner == transaction.fee_payer:
        found.append("fee payer")
    elif owner in transaction.signers:
        found.append("signer")
    label = label_of(owner or "")
    if label is not None:
        found.append(_KNOWN_FOR.get(label.kind, "{}").format(label.name))
    return found


def _owner_rows(
    transaction: NormalizedTransaction, owner: str | None, *, is_whole: bool
) -> Iterator[_Row]:
    """Give a line a token, and under it a line for every reason where there is more than one."""
    mints: dict[Mint, list[Movement]] = {}
    for movement in transaction.movements:
        if movement.owner == owner:
            mints.setdefault(movement.mint, []).append(movement)
    for mint, movements in mints.items():
        lines = list(_reasons(movements, is_whole=is_whole))
        net = _amount(transaction, mint, RawAmount(sum(each.delta_raw for each in movements)))
        colour = _colour(net.raw)
        if len(lines) == 1:
            kind, _raw, note = lines[0]
            said = Text.assemble((_words(kind), _kind_style(kind)), "  ", note)
            yield _Row(_token(mint), _signed(net), said, "bold", colour)
            continue
        yield _Row(_token(mint), _signed(net), Text(), "bold", colour)
        for position, (kind, raw, note) in enumerate(lines, 1):
            tree = "└" if position == len(lines) else "├"
            part = _signed(_amount(transaction, mint, raw))
            yield _Row(f"{tree} {_words(kind)}", part, note, _kind_style(kind), "")


def _reasons(
    movements: list[Movement], *, is_whole: bool
) -> Iterator[tuple[Kind, RawAmount, Text]]:
    """Give kind, sum and other side of each movement; many of one kind are one line."""
    order = list(dict.fromkeys(movement.kind for movement in movements))
    for kind, group in groupby(
        sorted(movements, key=lambda each: order.index(each.kind)), key=lambda each: each.kind
    ):
        same = list(group)
        if len(same) > _PARTIES and not is_whole:
            total = RawAmount(sum(movement.delta_raw for movement in same))
            yield kind, total, Text(f"{len(same)} counterparties", style="dim")
            continue
        for movement in same:
            yield kind, movement.delta_raw, _towards(movement)


def _towards(movement: Movement) -> Text:
    said = Text(style="dim")
    if movement.counterparty is not None:
        arrow = "to" if movement.delta_raw < 0 else "from"
        said.append(f"{arrow} {_name(movement.counterparty)}")
    if movement.mark is not None:
        said.append(f"  {movement.mark.value}", style="yellow")
    return said


def _draw_fees(console: Console, transaction: NormalizedTransaction) -> None:
    paid = [
        movement
        for movement in transaction.movements
        if movement.kind in FEES and movement.delta_raw < 0
    ]
    rent = list(_rents(transaction))
    if not paid and not rent:
        return
    _headline(console, "Fees and rent" if rent else "Fees")
    rows = [_fee_row(transaction, movement) for movement in paid]
    total = sum(movement.delta_raw for movement in paid if movement.mint == SOL_MINT)
    if len(paid) > 1:
        amount = _signed(Amount(RawAmount(total), SOL_DECIMALS, SOL_MINT))
        said = Text("SOL", style="bold").append(" in fees", style="dim")
        rows.append(_Row("together", amount, said, "bold", "red"))
    rows += [_fee_row(transaction, movement) for movement in rent]
    shape = _Shape.of(rows)
    for row in rows:
        console.print(shape.line(row))


def _rents(transaction: NormalizedTransaction) -> Iterator[Movement]:
    """Give each rent once: what was paid, and what came back from where nobody paid it."""
    moved = [movement for movement in transaction.movements if movement.kind is Kind.RENT]
    paid = {(each.owner, each.counterparty) for each in moved if each.delta_raw < 0}
    for movement in moved:
        if movement.delta_raw < 0 or (movement.counterparty, movement.owner) not in paid:
            yield movement


def _fee_row(transaction: NormalizedTransaction, movement: Movement) -> _Row:
    amount = _amount(transaction, movement.mint, movement.delta_raw)
    note = Text(f"{_token(movement.mint)}  ")
    is_paid = movement.delta_raw < 0
    owner = _name(movement.owner)
    other = _name(movement.counterparty or _unnamed_receiver(movement.kind))
    payer, receiver = (owner, other) if is_paid else (other, owner)
    note.append(payer, style="dim").append(" ─▶ ", style="dim").append(receiver)
    style = "" if is_paid else "green"
    return _Row(_words(movement.kind), _signed(amount), note, _kind_style(movement.kind), style)


def _unnamed_receiver(kind: Kind) -> str:
    if kind in {Kind.NETWORK_FEE, Kind.PRIORITY_FEE}:
        return "the network"
    return "the account itself" if kind is Kind.RENT else "withheld by the mint"


def _draw_anomalies(console: Console, transaction: NormalizedTransaction) -> None:
    if not transaction.anomalies:
        return
    _headline(console, "Anomalies")
    for anomaly in transaction.anomalies:
        line = Text.assemble(("! ", "yellow"), (_clean(anomaly.code), "bold yellow"))
        line.append(f"  {_clean(anomaly.detail)}", style="dim")
        console.print(Padding(line, (0, 0, 0, 2), expand=False))


class _Shape(NamedTuple):
    """How wide labels are, and digits before and after the point."""

    label: int
    whole: int
    fraction: int

    @classmethod
    def of(cls, rows: Iterable[_Row]) -> "_Shape":
        """Measure lines that are to stand under each other."""
        label = whole = fraction = 0
        for row in rows:
            before, _, after = row.amount.partition(".")
            label = max(label, len(row.label))
            whole, fraction = max(whole, len(before)), max(fraction, len(after))
        return cls(label, whole, fraction)

    def line(self, row: _Row) -> Text:
        """Write one line."""
        before, point, after = row.amount.partition(".")
        number = f"{before:>{self.whole}}{point or ' '}{after:<{self.fraction}}"
        line = Text("    ").append(f"{row.label:<{self.label}}", style=row.style)
        line.append(f"  {number}", style=f"{row.style} {row.colour}".strip())
        line.append("  ").append_text(row.note)
        line.rstrip()
        return line


def _headline(console: Console, text: str) -> None:
    console.print()
    console.print(Text(f" {text}", style="bold"))


def _amount(transaction: NormalizedTransaction, mint: Mint, raw: int) -> Amount:
    return Amount(RawAmount(raw), transaction.decimals.get(mint), mint)


def _exact(amount: Amount) -> str:
    """An amount whole, with its thousands apart; base units where the chain told no decimals."""
    if amount.ui is None:
        return f"{amount.raw:,} base units of"
    whole, point, part = amount.ui.partition(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.removeprefix('-')):,}{point}{part}"


def _signed(amount: Amount) -> str:
    text = _exact(amount).removesuffix(" of")
    return text if amount.raw <= 0 else f"+{text}"


def _colour(raw: int) -> str:
    return "green" if raw > 0 else "red" if raw < 0 else ""


def _kind_style(kind: Kind) -> str:
    return "yellow" if kind is Kind.UNKNOWN else "cyan" if kind is Kind.TRADE else ""


def _words(kind: Kind) -> str:
    return kind.value.replace("_", " ")


def _token(mint: Mint) -> str:
    return SYMBOLS.get(mint) or short(_clean(mint))


def _name(address: str | None) -> str:
    """An address, shortened, and what it is known for."""
    if address is None:
        return "an owner unknown"
    label = label_of(address)
    if label is not None:
        return f"{short(address)} ({label.name})"
    return short(_clean(address))


def _clean(text: str) -> str:
    """Text of a stranger's file, without what would steer the terminal."""
    return "".join(letter if letter.isprintable() else _UNSEEN for letter in text)
