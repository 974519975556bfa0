"""What the provider costs and whether it answers: counted here, told each minute by the sweep."""

from aws_lambda_powertools.metrics import MetricUnit

from oof.domain.errors import StoreUnavailable
from oof.domain.gate import GateReading
from oof.domain.provider_prices import EVENT
from oof.entrypoints.observability import flush_metrics, logger, metrics
from oof.ports.limiter import SpendMeter


def charge_events(meter: SpendMeter, events: int) -> None:
    """Count what the provider bills for delivered events.

    They are stored by now: a count that is lost is no reason to store them again.
    """
    if not events:
        return
    try:
        meter.charge(events * EVENT)
    except StoreUnavailable:
        logger().warning("events_not_counted", events=events)


def tell_provider(reading: GateReading | None) -> None:
    """Tell what the provider costs today and whether it answers; silent where nobody asked it."""
    if reading is None:
        return
    spend = reading.spend
    gauges = metrics()
    gauges.add_metric(name="CreditsSpentToday", unit=MetricUnit.Count, value=spend.spent)
    gauges.add_metric(name="CreditsSpentPercent", unit=MetricUnit.Percent, value=spend.percent)
    gauges.add_metric(name="CircuitsOpen", unit=MetricUnit.Count, value=len(reading.broken))
    flush_metrics()
    if spend.stopped:
        logger().error("budget_degrades", percent=spend.percent, stopped=spend.stopped)
    if reading.broken:
        logger().error("circuit_open", classes=reading.broken)
