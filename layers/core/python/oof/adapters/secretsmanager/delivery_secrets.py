"""The secret of deliveries, in Secrets Manager.

`{"authorization": [current, previous], "hmac": […], "rotation": {"phase": …, "since": …}}`: the
receivers read the first two (`entrypoints.webhook`), only a rotation the third.
"""

from typing import TYPE_CHECKING, Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from oof.domain.errors import StoreUnavailable
from oof.domain.rotation import DeliverySecret, Phase
from oof.domain.units import UnixSeconds

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class SecretsManagerDeliverySecrets:
    """`DeliverySecrets` in one secret."""

    def __init__(self, client: "SecretsManagerClient", secret_arn: str) -> None:
        self._client = client
        self._secret_arn = secret_arn

    def read(self) -> DeliverySecret:
        """See `DeliverySecrets`."""
        document = self._read()
        held = document.get("authorization") or ()
        values = (held,) if isinstance(held, str) else tuple(held)
        rotation = document.get("rotation")
        return DeliverySecret(
            accepted=tuple(str(value) for value in values if value),
            phase=Phase(rotation["phase"]) if rotation else None,
            since=UnixSeconds(rotation["since"]) if rotation else None,
        )

    def write(self, secret: DeliverySecret) -> None:
        """See `DeliverySecrets`."""
        document = {**self._read(), "authorization": list(secret.accepted), "rotation": None}
        if secret.phase is not None:
            document["rotation"] = {"phase": secret.phase.value, "since": secret.since}
        try:
            self._client.put_secret_value(
                SecretId=self._secret_arn, SecretString=orjson.dumps(document).decode()
            )
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable("the secret could not be written") from fault

    def _read(self) -> dict[str, Any]:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_arn)
        except (ClientError, BotoCoreError) as fault:
            raise StoreUnavailable("the secret could not be read") from fault
        document: dict[str, Any] = orjson.loads(answer["SecretString"])
        return document
