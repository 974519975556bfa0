"""Logs and metrics, one instance a function environment.

Event names are constants and fields carry what varies, so that logs can be counted. Nothing here
ever sees a secret, and request bodies are not logged.
"""

from collections.abc import Mapping
from functools import cache

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit


@cache
def logger() -> Logger:
    """The structured logger; service and level come from Powertools' own variables."""
    return Logger()


@cache
def metrics() -> Metrics:
    """The metrics of this function, written as EMF lines."""
    return Metrics(namespace="oof")


def tell_counts(counts: Mapping[str, int]) -> None:
    """Write counts by name, with whatever was added before."""
    for name, count in counts.items():
        metrics().add_metric(name=name, unit=MetricUnit.Count, value=count)
    flush_metrics()


def flush_metrics() -> None:
    """Write the metrics that were added, if any."""
    if metrics().metric_set:
        metrics().flush_metrics()
