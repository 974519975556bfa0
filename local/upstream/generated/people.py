"""Who trades on the generated chain: age, size, habits."""

from dataclasses import dataclass

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletSpec:
    """One wallet: so many transactions, evenly spread with jitter over its days."""

    name: str
    transactions: int
    days: float
    """How long its history is, in days."""
    ended: float = 0
    """How many days before the end of the first year it stopped; live wallets do not stop."""
    live: bool = True
    """Whether it goes on at its pace as the clock moves past the first year."""
    failure_rate: float = 0.05
    tip_rate: float = 0.5
    """How often a trade pays a Jito tip."""
    bot_fee: bool = False
    """Whether it trades through a bot that takes one percent."""
    sponsored: bool = False
    """Whether somebody else pays its fees and rent."""
    curves_only: bool = False
    """Whether it trades nothing but bonding curves."""
    receives: bool = True
    """Whether the other wallets send to it, which would prolong its history."""
    in_crowd: bool = False
    """Whether it sends to, and receives from, the crowd alone."""
    funding_sol: int = 20
    """What it is funded with, at first and whenever it runs dry."""


DEFAULT_WALLETS: tuple[WalletSpec, ...] = (
    WalletSpec(name="veteran", transactions=5_000, days=364, funding_sol=60),
    WalletSpec(
        name="bot",
        transactions=1_900,
        days=1.25,
        failure_rate=0.3,
        tip_rate=0.9,
        curves_only=True,
        funding_sol=200,
    ),
    WalletSpec(name="day_trader", transactions=900, days=120, bot_fee=True),
    WalletSpec(name="swing_trader", transactions=400, days=300),
    WalletSpec(name="degen_one", transactions=600, days=40, curves_only=True, bot_fee=True),
    WalletSpec(name="degen_two", transactions=300, days=20, curves_only=True),
    WalletSpec(name="sponsored", transactions=120, days=60, sponsored=True),
    WalletSpec(name="casual_one", transactions=150, days=200),
    WalletSpec(name="casual_two", transactions=90, days=330),
    WalletSpec(name="casual_three", transactions=60, days=30),
    WalletSpec(name="casual_four", transactions=45, days=10),
    WalletSpec(name="weekender", transactions=120, days=180, tip_rate=0),
    WalletSpec(name="clumsy", transactions=200, days=90, failure_rate=0.5),
    WalletSpec(name="whale", transactions=250, days=250, funding_sol=5_000),
    WalletSpec(name="dormant", transactions=40, days=60, ended=200, live=False, receives=False),
    WalletSpec(name="retired", transactions=500, days=100, ended=150, live=False, receives=False),
    WalletSpec(name="holder", transactions=8, days=340, live=False, receives=False),
    WalletSpec(name="newborn", transactions=3, days=0.02, live=False, receives=False),
    WalletSpec(name="single", transactions=1, days=45, live=False, receives=False),
    WalletSpec(name="empty", transactions=0, days=0, live=False, receives=False),
)


def crowd(size: int) -> tuple[WalletSpec, ...]:
    """Return so many small wallets, each with a short history that nobody goes on with by itself.

    They pay each other alone, and act further when they are told to.
    """
    return tuple(
        WalletSpec(
            name=f"crowd_{at:03}", transactions=8 + at % 9, days=9, live=False, in_crowd=True
        )
        for at in range(size)
    )
