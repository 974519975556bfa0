"""What must hold of a body itself, so that the checker's reading of it can be trusted."""

from collections import defaultdict

from tests.checker.bodies import TOKEN_PROGRAMS, Body
from tests.checker.deltas import SOL
from tests.checker.token_steps import token_steps


def lamports_leak(body: Body) -> int:
    """Return what the balances lost beyond the fee; zero on every sound body."""
    return sum(body.pre) - sum(body.post) - body.fee


def token_leaks(body: Body) -> dict[str, int]:
    """Return by mint what the accounts gained beyond minting and burning.

    Wrapped SOL is left out (lamports are conserved instead), and so are mints of Token-2022,
    where fees are withheld outside the balance.
    """
    change: dict[str, int] = defaultdict(int)
    exempt = {SOL}
    mint_of = {entry.account: entry.mint for entry in (*body.pre_tokens, *body.post_tokens)}
    for sign, entries in ((-1, body.pre_tokens), (1, body.post_tokens)):
        for entry in entries:
            change[entry.mint] += sign * entry.amount
            if entry.program == TOKEN_PROGRAMS[1]:
                exempt.add(entry.mint)
    if not body.failed:
        for step in token_steps(body.calls):
            if step.verb in {"mint", "burn"} and step.amount is not None:
                mint = step.mint or mint_of.get(step.account, "")
                change[mint] += step.amount if step.verb == "burn" else -step.amount
    return {mint: value for mint, value in change.items() if value and mint not in exempt}
