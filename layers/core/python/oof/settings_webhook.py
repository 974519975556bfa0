"""Settings of the webhook function, which carries no third-party package."""

import os
from collections.abc import Mapping
from typing import NamedTuple


class WebhookSettings(NamedTuple):
    """Where webhook bodies go, and how a sender proves itself."""

    stage: str
    store_queue_url: str
    facts_bucket: str
    webhook_secret_arn: str
    """The secret holds `{"authorization": [current, previous], "hmac": [current, previous]}`."""
    webhook_status: int = 202

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "WebhookSettings":
        """Read `OOF_<FIELD>` variables; raises ValueError naming what is missing or malformed."""
        source = os.environ if environ is None else environ
        names = {field: f"OOF_{field.upper()}" for field in cls._fields}
        missing = sorted(
            name
            for field, name in names.items()
            if field not in cls._field_defaults and not source.get(name)
        )
        if missing:
            msg = f"missing environment variables: {', '.join(missing)}"
            raise ValueError(msg)
        status = source.get(names["webhook_status"]) or "202"
        if not (status.isdecimal() and 200 <= int(status) <= 299):
            msg = f"{names['webhook_status']}: expected a 2xx status, got {status!r}"
            raise ValueError(msg)
        return cls(
            stage=source[names["stage"]],
            store_queue_url=source[names["store_queue_url"]],
            facts_bucket=source[names["facts_bucket"]],
            webhook_secret_arn=source[names["webhook_secret_arn"]],
            webhook_status=int(status),
        )
