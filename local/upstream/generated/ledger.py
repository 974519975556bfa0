"""Who holds what on the generated chain, between transactions."""

from typing import NamedTuple


class Token(NamedTuple):
    """What a token account holds."""

    mint: str
    owner: str
    program: str
    decimals: int
    amount: int


class Ledger:
    """Lamports and token balances of every account, after the newest transaction."""

    def __init__(self) -> None:
        self.lamports: dict[str, int] = {}
        self.tokens: dict[str, Token] = {}

    def held(self, account: str) -> int:
        """Return a token account's amount, 0 if there is none."""
        token = self.tokens.get(account)
        return token.amount if token else 0
