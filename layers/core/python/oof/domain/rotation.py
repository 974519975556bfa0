"""How the value that deliveries carry is changed without turning any away. Pure.

Receivers read the secret anew now and then, and the provider's webhooks are put one by one. So a
new value is *announced* first: receivers learn to accept it. Once all of them must know, it is
*current*: webhooks are put with it, and the old one is still accepted. Once all are put and what
was under way has come, the old one is *retired*.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from oof.domain.units import UnixSeconds

LEARNT_AFTER_S: Final = 180
"""Every receiver has read the secret again: three times what one may keep it."""
DRAINED_AFTER_S: Final = 600
"""No delivery with the old value is under way any more: the provider's documents speak of tries a
second apart or a minute apart, three of them."""


class Phase(StrEnum):
    """How far a change is."""

    ANNOUNCED = "announced"
    SWITCHED = "switched"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySecret:
    """The values that deliveries are accepted with, and the change under way."""

    accepted: tuple[str, ...]
    """The current one first, unless it is only announced yet; never more than two."""
    phase: Phase | None = None
    since: UnixSeconds | None = None
    """When the phase began."""

    @property
    def current(self) -> str | None:
        """The value that webhooks are put with; None while there is none that all accept."""
        if self.phase is Phase.ANNOUNCED and len(self.accepted) == 1:
            return None
        return self.accepted[0] if self.accepted else None

    @property
    def is_rotating(self) -> bool:
        """Whether a change is under way."""
        return self.phase is not None


def advance(
    secret: DeliverySecret, *, is_asked: bool, fresh: str, are_all_put: bool, now: UnixSeconds
) -> DeliverySecret:
    """Return the secret after one step; itself where nothing is to be done now.

    A change begins where one is asked for, or where there is no value at all, with `fresh`. Asked
    for while one is under way changes nothing. `are_all_put` says that every webhook carries the
    current value.
    """
    if secret.phase is None or secret.since is None:
        if is_asked or not secret.accepted:
            accepted = (*secret.accepted[:1], fresh)
            return DeliverySecret(accepted=accepted, phase=Phase.ANNOUNCED, since=now)
        return secret
    age_s = now - secret.since
    if secret.phase is Phase.ANNOUNCED and age_s >= LEARNT_AFTER_S:
        return replace(secret, accepted=secret.accepted[::-1], phase=Phase.SWITCHED, since=now)
    if secret.phase is Phase.SWITCHED and are_all_put and age_s >= DRAINED_AFTER_S:
        return DeliverySecret(accepted=secret.accepted[:1])
    return secret
