"""How soon after its launch a wallet buys a token for the first time."""

from collections.abc import Sequence

from oof.domain.behaviour.limits import LEAST_LAUNCHES, MINUTE_S
from oof.domain.behaviour.model import Launches, Reason
from oof.domain.behaviour.records import FirstBuy
from oof.domain.behaviour.spreads import share, spread


def launches_of(first_buys: Sequence[FirstBuy]) -> Launches:
    """Return how soon first purchases came."""
    known = [each for each in first_buys if each.delay_s is not None]
    delays = [each.delay_s for each in known if each.delay_s is not None]
    few = Reason.TOO_FEW if len(first_buys) < LEAST_LAUNCHES else Reason.NOT_SEEN
    is_told = len(delays) >= LEAST_LAUNCHES
    return Launches(
        first_buys=len(first_buys),
        known=len(known),
        created=sum(each.is_created for each in known),
        delay=spread(delays, least=LEAST_LAUNCHES, why=few),
        within_minute_share=(
            share(sum(delay <= MINUTE_S for delay in delays), len(delays)) if is_told else None
        ),
        missing=None if is_told else few,
    )
