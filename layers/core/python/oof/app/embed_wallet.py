"""Work out a wallet's vector, in the transaction that portrays it."""

from datetime import datetime
from decimal import Decimal

from oof.domain.behaviour.model import Behaviour
from oof.domain.prices.book import Span
from oof.domain.prices.candles import DAY_S
from oof.domain.similarity.features import (
    MINUTE_S,
    nearest_prices,
    noon_of,
    traits_of,
    vector_of,
    year_of,
)
from oof.domain.units import SOL_MINT, UnixSeconds
from oof.ports.facts import FactTransaction


def embed_wallet(
    transaction: FactTransaction, wallet_id: int, behaviour: Behaviour | None, *, at: datetime
) -> None:
    """Write the vector of a locked wallet as its facts have it now, or that it has none.

    `behaviour` is that of its whole history. Four statements, whatever the history; embedding
    again what did not change writes nothing.
    """
    hours = transaction.year_hours(wallet_id)
    if not hours:
        transaction.save_vector(wallet_id, None, purchases=0, at=at)
        return
    since = UnixSeconds(year_of(max(hours)).start * DAY_S)
    days = sorted({hour // DAY_S for hour in hours})
    prices = _sol_prices(transaction, days)
    bought = transaction.year_purchases(wallet_id, since=since, sol_usd=prices)
    vector = vector_of(bought, hours, traits_of(behaviour))
    purchases = sum(each.purchases for each in bought)
    transaction.save_vector(wallet_id, vector, purchases=purchases, at=at)


def _sol_prices(transaction: FactTransaction, days: list[int]) -> dict[int, Decimal]:
    """Return dollars a SOL of each day; none where nobody told any."""
    noons = {day: noon_of(day) for day in days}
    spans = (Span(SOL_MINT, noon, UnixSeconds(noon + MINUTE_S)) for noon in noons.values())
    book = transaction.price_book(spans)
    told = {day: book.at_minute(SOL_MINT, noon) for day, noon in noons.items()}
    return nearest_prices(days, {day: each.usd for day, each in told.items() if each is not None})
