"""What a transaction itself says: balances and transfers, read by the independent checker."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from tests.checker.bodies import Body, Call
from tests.checker.deltas import SOL, Deltas, deltas, owners_of
from tests.checker.token_steps import SYSTEM, token_steps

_MOST_SUMMED = 12
"""Beyond so many amounts, every choice of them would take too long, and would prove little."""
_SYSTEM_LAMPORTS = {0: (0, 1, 4), 2: (0, 1, 4), 11: (0, 2, 4)}
_SYSTEM_NAMES = frozenset(
    {"transfer", "transferWithSeed", "createAccount", "createAccountWithSeed"}
)


class Flow(NamedTuple):
    """One instruction's transfer between owners; minted and burned tokens have one end only."""

    outer: int
    source: str | None
    target: str | None
    mint: str
    amount: int


class Evidence:
    """The facts of one transaction, each computed once."""

    def __init__(self, body: Body) -> None:
        self.body = body

    @cached_property
    def deltas(self) -> Deltas:
        """On-chain change by owner and mint."""
        return deltas(self.body)

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Every transfer from one owner to another that an instruction made, in order."""
        outer = -1
        found: list[Flow] = []
        for call in self.body.calls:
            outer += call.depth == 1
            found.extend(self._system(call, outer) if call.program == SYSTEM else ())
            found.extend(self._token(call, outer))
        return tuple(flow for flow in found if flow.source is None or flow.source != flow.target)

    @cached_property
    def _accounts(self) -> dict[str, tuple[str | None, str]]:
        steps = token_steps(self.body.calls)
        found: dict[str, tuple[str | None, str]] = {
            step.account: (step.target, step.mint)
            for step in steps
            if step.verb == "initialize" and step.mint is not None
        }
        for entry in (*self.body.pre_tokens, *self.body.post_tokens):
            owners = owners_of(entry, self.body, steps)
            found[entry.account] = (owners.after or owners.before, entry.mint)
        return found

    @cached_property
    def _unowned(self) -> frozenset[str]:
        """Token accounts whose owner nothing tells: they may be anybody's."""
        return frozenset(key for key, (owner, _mint) in self._accounts.items() if owner is None)

    def owner(self, account: str | None) -> str | None:
        """Return who owns a token account; any other account is its own owner."""
        if account is None:
            return None
        return self._accounts.get(account, (account, SOL))[0] or account

    def decimals(self, mint: str) -> int | None:
        """Return the decimals of a mint, where a balance tells."""
        entries = (*self.body.pre_tokens, *self.body.post_tokens)
        return next((entry.decimals for entry in entries if entry.mint == mint), None)

    def delta(self, owner: str | None, mint: str) -> int:
        """Return an owner's change of a mint; lamports without the network's fee."""
        change = self.deltas.get((owner, mint), 0)
        is_payer = owner == self.body.keys[0] and mint == SOL
        return change + self.body.fee if is_payer else change

    def sent(self, owner: str | None, mint: str) -> int:
        """Return the most that an owner can have given of a mint."""
        ends = {owner, *self._unowned}
        gross = sum(flow.amount for flow in self.flows if flow.source in ends and flow.mint == mint)
        return max(gross, -self.delta(owner, mint))

    def received(self, owner: str | None, mint: str) -> int:
        """Return the most that an owner can have got of a mint."""
        ends = {owner, *self._unowned}
        gross = sum(flow.amount for flow in self.flows if flow.target in ends and flow.mint == mint)
        return max(gross, self.delta(owner, mint))

    def is_new(self, account: str) -> bool:
        """Whether an account came into being in this transaction."""
        pairs = zip(self.body.keys, self.body.pre, self.body.post, strict=True)
        return any(key == account and not before and after for key, before, after in pairs)

    def paid(self, mint: str, trader: str | None, but: frozenset[str | None]) -> frozenset[int]:
        """Return the amounts of a mint that vaults gave, each to the raw unit.

        Those are: one transfer, all that one owner sent under one outermost instruction or at all,
        and the whole changes of one or several owners. Neither the trader is a vault nor any of
        `but`.
        """
        return self._amounts(mint, {trader, *but}, -1)

    def taken(self, mint: str, trader: str | None, but: frozenset[str | None]) -> frozenset[int]:
        """Return the amounts of a mint that vaults got, as `paid` does what they gave."""
        return self._amounts(mint, {trader, *but}, 1)

    def _amounts(self, mint: str, others: set[str | None], sign: int) -> frozenset[int]:
        single: list[int] = []
        gross: dict[tuple[str | None, int | None], int] = defaultdict(int)
        for flow in self.flows:
            end = flow.target if sign > 0 else flow.source
            if flow.mint == mint and end not in others:
                single.append(flow.amount)
                gross[end, None] += flow.amount
                gross[end, flow.outer] += flow.amount
        whole = [
            sign * change
            for (owner, changed), change in self.deltas.items()
            if changed == mint and owner not in others and sign * change > 0
        ]
        return frozenset([*single, *gross.values(), *sums(whole)])

    def _token(self, call: Call, outer: int) -> list[Flow]:
        found = []
        for step in token_steps((call,)):
            mint = step.mint or self._accounts.get(step.account, (None, SOL))[1]
            owner, amount = self.owner(step.account), step.amount or 0
            if step.verb == "transfer":
                found.append(Flow(outer, owner, self.owner(step.target), mint, amount))
            elif step.verb == "mint":
                found.append(Flow(outer, None, owner, mint, amount))
            elif step.verb == "burn":
                found.append(Flow(outer, owner, None, mint, amount))
        return found

    def _system(self, call: Call, outer: int) -> list[Flow]:
        if call.parsed is not None:
            info = call.parsed.get("info") or {}
            if call.parsed.get("type") not in _SYSTEM_NAMES:
                return []
            target = info.get("destination") or info.get("newAccount")
            ends = self.owner(info.get("source")), self.owner(target)
            return [Flow(outer, *ends, SOL, int(info["lamports"]))]
        places = _SYSTEM_LAMPORTS.get(int.from_bytes(call.data[:4], "little"))
        if places is None:
            return []
        source, target, start = places
        amount = int.from_bytes(call.data[start : start + 8], "little")
        ends = self.owner(call.accounts[source]), self.owner(call.accounts[target])
        return [Flow(outer, *ends, SOL, amount)]


def sums(amounts: Sequence[int]) -> frozenset[int]:
    """Return what each choice of some of the amounts adds up to; of many, only one and all."""
    if len(amounts) > _MOST_SUMMED:
        return frozenset([*amounts, sum(amounts)])
    found = {0}
    for amount in amounts:
        found |= {amount + other for other in found}
    return frozenset(found - {0})
