"""The provider's webhooks, and what they carry."""

from typing import Final, Protocol

from oof.domain.rotation import DeliverySecret
from oof.domain.webhooks import Hook, Wanted
from oof.ports.upstream import Usage

LOCK_NAME: Final = "webhooks"
"""The lock under which webhooks are changed."""


class WebhookRegistry(Protocol):
    """The webhooks of our account at the provider; every call costs as a management call.

    Every method raises `UpstreamUnavailable` where asking again can help, after its own few
    tries, and `UpstreamRejected` where it cannot.
    """

    def hooks(self) -> tuple[Hook, ...]:
        """Return all webhooks of the account, those that are not ours included."""
        ...

    def create(self, wanted: Wanted) -> str:
        """Make a webhook and return its id. Tried once: a lost answer may have made one."""
        ...

    def replace(self, hook_id: str, wanted: Wanted) -> None:
        """Put the whole webhook anew. Raises `NotFound` where there is none of that id."""
        ...

    def switch_on(self, hook_id: str) -> None:
        """Switch a webhook on again. Raises `NotFound`."""
        ...

    def delete(self, hook_id: str) -> None:
        """Remove a webhook; one that is gone already is fine."""
        ...

    @property
    def usage(self) -> Usage:
        """What this instance has asked since it was made."""
        ...


class DeliverySecrets(Protocol):
    """The secret that tells which deliveries are the provider's."""

    def read(self) -> DeliverySecret:
        """Return it as it is now. Raises `StoreUnavailable`."""
        ...

    def write(self, secret: DeliverySecret) -> None:
        """Keep it, leaving alone what else the secret holds. Raises `StoreUnavailable`."""
        ...
