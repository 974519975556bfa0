"""Activity and flows by day among the facts in memory."""

from oof.domain.snapshot.fold import FoldPlan
from oof.domain.snapshot.transfers import FlowSum
from oof.ports.memory.fact_tables import Tables


def save_days(tables: Tables, wallet_id: int, plan: FoldPlan) -> None:
    """Add what changed; a row of which nothing is left goes."""
    for (day, name), change in plan.activity.items():
        key = wallet_id, day, name
        value = tables.activity.pop(key, 0) + change
        if value:
            tables.activity[key] = value
    for flow, (transfers, raw) in plan.flows.changes():
        of_wallet = wallet_id, flow
        before = tables.flows.pop(of_wallet, FlowSum(0, 0))
        after = FlowSum(before.transfers + transfers, before.raw + raw)
        if after.transfers:
            tables.flows[of_wallet] = after
