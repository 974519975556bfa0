"""How large a storm is, and which seed it is drawn from."""

from dataclasses import dataclass
from enum import StrEnum


class Plant(StrEnum):
    """A fault put in on purpose: a run that does not fail over it proves nothing."""

    LOSE_A_DELIVERY = "lose-a-delivery"
    """The outbox forgets some of one wallet's transactions."""
    DOUBLE_APPLY = "double-apply"
    """What one wallet's ledger takes up is counted once more."""
    ASK_TWICE = "ask-twice"
    """A body is asked for again though nothing went wrong."""
    REFUSE_A_DELIVERY = "refuse-a-delivery"
    """The webhook turns one delivery away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One run: the same setting draws the same schedule."""

    seed: int = 1
    deliveries: int = 10_000
    """Webhook posts, repetitions included."""
    wallets: int = 60
    outage_s: float = 60
    """How long Postgres is down while webhooks pour in."""
    minutes: float = 60
    """How long the whole may take before it counts as never coming to rest."""
    plant: Plant | None = None

    @property
    def arguments(self) -> str:
        """What to hand to `make chaos` for the same run again."""
        plant = "" if self.plant is None else f" --plant {self.plant}"
        return (
            f"--seed {self.seed} --deliveries {self.deliveries} --wallets {self.wallets}"
            f" --outage {self.outage_s:g}{plant}"
        )
