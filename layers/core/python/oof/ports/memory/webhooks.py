"""The provider's webhooks, in one process."""

from collections.abc import Mapping
from itertools import count

from oof.domain.errors import NotFound
from oof.domain.rotation import DeliverySecret
from oof.domain.webhooks import KIND, STATUS, TRANSACTION_TYPES, Hook, Wanted
from oof.ports.upstream import Usage

CREDITS = 100
"""What a management call costs."""


class MemoryWebhookRegistry:
    """A `WebhookRegistry` in a dict."""

    def __init__(self, held: Mapping[str, Hook] | None = None) -> None:
        self.held: dict[str, Hook] = dict(held or {})
        self._ids = count(1)
        self.calls: list[str] = []
        """What was asked, in order."""

    @property
    def usage(self) -> Usage:
        """See `WebhookRegistry`."""
        return Usage(len(self.calls), len(self.calls) * CREDITS, 0)

    def hooks(self) -> tuple[Hook, ...]:
        """See `WebhookRegistry`."""
        self.calls.append("hooks")
        return tuple(self.held.values())

    def create(self, wanted: Wanted) -> str:
        """See `WebhookRegistry`."""
        self.calls.append("create")
        hook_id = f"hook-{next(self._ids)}"
        self.held[hook_id] = _hook(hook_id, wanted, is_active=True)
        return hook_id

    def replace(self, hook_id: str, wanted: Wanted) -> None:
        """See `WebhookRegistry`."""
        self.calls.append("replace")
        self.held[hook_id] = _hook(hook_id, wanted, is_active=self._known(hook_id).is_active)

    def switch_on(self, hook_id: str) -> None:
        """See `WebhookRegistry`."""
        self.calls.append("switch_on")
        self.held[hook_id] = self._known(hook_id)._replace(is_active=True)

    def delete(self, hook_id: str) -> None:
        """See `WebhookRegistry`."""
        self.calls.append("delete")
        self.held.pop(hook_id, None)

    def _known(self, hook_id: str) -> Hook:
        if hook_id not in self.held:
            raise NotFound(f"there is no webhook {hook_id}")
        return self.held[hook_id]


def _hook(hook_id: str, wanted: Wanted, *, is_active: bool) -> Hook:
    return Hook(
        hook_id=hook_id,
        url=wanted.url,
        addresses=frozenset(wanted.addresses),
        auth_header=wanted.auth_header,
        kind=KIND,
        status=STATUS,
        transaction_types=TRANSACTION_TYPES,
        is_active=is_active,
    )


class MemoryDeliverySecrets:
    """`DeliverySecrets` in one value."""

    def __init__(self, secret: DeliverySecret) -> None:
        self.secret = secret

    def read(self) -> DeliverySecret:
        """See `DeliverySecrets`."""
        return self.secret

    def write(self, secret: DeliverySecret) -> None:
        """See `DeliverySecrets`."""
        self.secret = secret
