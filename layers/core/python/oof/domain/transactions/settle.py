"""What instructions do not say: programs move lamports of accounts they own without asking.

The residual of an owner is its on-chain delta less its flows. Residuals of one mint are matched
giver to taker; a pot that no flow explains gives or takes rent. What has no counterpart is left,
and becomes `unknown`.
"""

from oof.domain.transactions.addresses import TOKEN_2022
from oof.domain.transactions.body import Body
from oof.domain.transactions.flows import NOBODY, Flow, Replay
from oof.domain.transactions.model import Kind
from oof.domain.transactions.ownership import Deltas
from oof.domain.transactions.rents import LARGEST_RENT
from oof.domain.units import SOL_MINT


class _End:
    """One side of a residual: what an owner, or the pot of an account, still has to give or get."""

    __slots__ = ("account", "amount", "owner")

    def __init__(self, owner: str | None, account: str, amount: int) -> None:
        self.owner = owner
        self.account = account
        self.amount = amount


def settle(body: Body, replay: Replay, deltas: Deltas) -> list[Flow]:
    """Append to the replay's flows those that make every owner's sum exact; give them all."""
    residuals = _residuals(replay.flows, deltas)
    pots = _pot_residuals(body, replay)
    if not residuals and not pots:
        return replay.flows
    _settle_transfer_fees(body, replay, residuals)
    by_mint: dict[str, list[_End]] = {}
    for (owner, mint), amount in residuals.items():
        by_mint.setdefault(mint, []).append(_End(owner, owner or "", amount))
    if pots:
        by_mint.setdefault(SOL_MINT, []).extend(pots)
    closed = _closed_accounts(body, replay)
    for mint, ends in by_mint.items():
        _match(replay, mint, ends, closed)
    return replay.flows


def _residuals(flows: list[Flow], deltas: Deltas) -> Deltas:
    residuals = dict(deltas)
    for flow in flows:
        mint, amount = flow.mint, flow.amount
        if flow.source != NOBODY:
            given = (flow.source, mint)
            residuals[given] = residuals.get(given, 0) + amount
        if flow.target != NOBODY:
            taken = (flow.target, mint)
            residuals[taken] = residuals.get(taken, 0) - amount
    return {pair: amount for pair, amount in residuals.items() if amount}


def _pot_residuals(body: Body, replay: Replay) -> list[_End]:
    """Give the token accounts whose lamports beyond their amount are not what flows left there."""
    found: list[_End] = []
    post = body.post_tokens
    for key, account in replay.accounts.items():
        balance = post.get(key)
        pot = account.last - (balance.amount if balance and balance.mint == SOL_MINT else 0)
        if pot != account.pot:
            found.append(_End(NOBODY, key, pot - account.pot))
    return found


def _closed_accounts(body: Body, replay: Replay) -> dict[str, int]:
    """Give the accounts that end with nothing, and the rent each can have held at most.

    Of one that was also opened here that is what was paid.
    """
    found: dict[str, int] = {}
    for key, before, after in zip(body.keys, body.pre_lamports, body.post_lamports, strict=True):
        if not after:
            found[key] = LARGEST_RENT if before else 0
    for flow in replay.flows:
        if flow.kind is Kind.RENT and found.get(flow.target_account, LARGEST_RENT) < LARGEST_RENT:
            found[flow.target_account] += flow.amount
    return found


def _settle_transfer_fees(body: Body, replay: Replay, residuals: Deltas) -> None:
    """Book what a Token-2022 mint withheld: the receiver got less than was sent to it."""
    extended = {
        balance.mint
        for balances in (body.pre_tokens, body.post_tokens)
        for balance in balances.values()
        if balance.token_program == TOKEN_2022 and balance.mint != SOL_MINT
    }
    if not extended:
        return
    for flow in list(replay.flows):
        pair = (flow.target, flow.mint)
        missing = -residuals.get(pair, 0)
        if flow.kind is not None or flow.mint not in extended or missing <= 0:
            continue
        withheld = min(missing, flow.amount)
        _take(residuals, pair, -withheld)
        replay.flows.append(
            Flow(flow.at, flow.mint, withheld, flow.target, NOBODY, Kind.TRANSFER_FEE)
        )
    for at, account in replay.withheld:
        token = replay.accounts.get(account)
        pair = (token.owner, token.mint) if token else (None, "")
        amount = residuals.get(pair, 0)
        if amount > 0:
            del residuals[pair]
            replay.flows.append(Flow(at, pair[1], amount, NOBODY, pair[0], Kind.TRANSFER_FEE))


def _take(residuals: Deltas, pair: tuple[str | None, str], amount: int) -> None:
    left = residuals[pair] - amount
    if left:
        residuals[pair] = left
    else:
        del residuals[pair]


def _match(replay: Replay, mint: str, ends: list[_End], closed: dict[str, int]) -> None:
    """Pair givers and takers: equal amounts first, then in the order of the keys."""
    givers = [end for end in ends if end.amount < 0]
    takers = [end for end in ends if end.amount > 0]
    exact: dict[int, list[_End]] = {}
    for taker in takers:
        exact.setdefault(taker.amount, []).append(taker)
    for giver in givers:
        same = exact.get(-giver.amount)
        if same:
            _pay(replay, mint, giver, same.pop(), closed)
    queue = iter([taker for taker in takers if taker.amount])
    taker_now = next(queue, None)
    for giver in givers:
        while giver.amount and taker_now is not None:
            _pay(replay, mint, giver, taker_now, closed)
            if not taker_now.amount:
                taker_now = next(queue, None)
    for end in ends:
        if end.amount and end.owner != NOBODY:
            source, target = (NOBODY, end.owner) if end.amount > 0 else (end.owner, NOBODY)
            replay.flows.append(Flow(-1, mint, abs(end.amount), source, target, Kind.UNKNOWN))


def _pay(replay: Replay, mint: str, giver: _End, taker: _End, closed: dict[str, int]) -> None:
    amount = min(-giver.amount, taker.amount)
    giver.amount += amount
    taker.amount -= amount
    if giver.owner == taker.owner:
        return
    kind: Kind | None = None
    if NOBODY in (giver.owner, taker.owner):
        kind = Kind.RENT
    elif giver.account in replay.stakes or taker.account in replay.stakes:
        kind = Kind.STAKE
    elif giver.account in closed:
        rent = _rent_within(closed, giver.account, amount)
        amount -= rent
        if rent:
            _add(replay, mint, rent, giver, taker, Kind.RENT)
    if amount:
        _add(replay, mint, amount, giver, taker, kind)


def _add(
    replay: Replay, mint: str, amount: int, giver: _End, taker: _End, kind: Kind | None
) -> None:
    replay.flows.append(
        Flow(-1, mint, amount, giver.owner, taker.owner, kind, giver.account, taker.account)
    )


def _rent_within(closed: dict[str, int], account: str, amount: int) -> int:
    """Give how much of what a closed account gave was its rent.

    Of one opened before nobody says how much it was: all or, of a large amount, nothing.
    """
    most = closed[account]
    if most == LARGEST_RENT:
        return amount if amount <= most else 0
    rent = min(most, amount)
    closed[account] -= rent
    return rent
