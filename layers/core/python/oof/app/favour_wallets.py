"""Change the list of favourites."""

from collections.abc import Sequence

from oof.app.backfill_favourites import OvernightDeps
from oof.domain.addresses import parse_address
from oof.domain.units import Address
from oof.ports.system import unix_now


def favour_wallets(
    deps: OvernightDeps, *, add: Sequence[str], remove: Sequence[str]
) -> tuple[Address, ...]:
    """Favour some wallets and others no more, and return all that are favoured then.

    Raises InvalidInput, with nothing changed, for what is no address.
    """
    added = [parse_address(text, field="add") for text in add]
    removed = [parse_address(text, field="remove") for text in remove]
    deps.favourites.add(added, at=unix_now(deps.opening.clock))
    deps.favourites.remove(removed)
    return deps.favourites.all()
