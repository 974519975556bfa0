"""Tells how well the service stands, from one look at every dependency."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from oof.domain.errors import StoreUnavailable
from oof.ports.health import Probe


class HealthStatus(StrEnum):
    """The verdict on one dependency, or on the whole."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentHealth:
    """One dependency as found."""

    name: str
    status: HealthStatus
    figures: dict[str, int]
    concern: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The whole, no better than its parts allow."""

    status: HealthStatus
    components: tuple[ComponentHealth, ...]


def check_health(probes: Sequence[Probe]) -> Health:
    """Ask every probe once.

    The whole is unhealthy when a vital dependency is silent, degraded when any other is silent or
    any has a concern, else healthy.
    """
    found = tuple(_look(probe) for probe in probes)
    vital = {probe.name for probe in probes if probe.is_vital}
    if any(each.status is HealthStatus.UNHEALTHY and each.name in vital for each in found):
        status = HealthStatus.UNHEALTHY
    elif any(each.status is not HealthStatus.HEALTHY for each in found):
        status = HealthStatus.DEGRADED
    else:
        status = HealthStatus.HEALTHY
    return Health(status=status, components=found)


def _look(probe: Probe) -> ComponentHealth:
    try:
        reading = probe.read()
    except StoreUnavailable as fault:
        return ComponentHealth(
            name=probe.name, status=HealthStatus.UNHEALTHY, figures={}, concern=fault.code
        )
    status = HealthStatus.HEALTHY if reading.concern is None else HealthStatus.DEGRADED
    return ComponentHealth(
        name=probe.name, status=status, figures=reading.figures, concern=reading.concern
    )
