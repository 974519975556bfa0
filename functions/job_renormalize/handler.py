"""By hand: read stored bodies with the present normalizer, or build a wallet's state anew."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.renormalize import renormalize
from oof.app.replay_wallet import replay_wallet
from oof.bootstrap.rewriting import renormalize_deps, replay_deps
from oof.domain.units import Address, Slot
from oof.entrypoints.observability import logger

_LEFT_MS = 60_000
"""What a batch begun in time may still take."""


def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Go on reading bodies, `{"again": true}` from the first one where it had ended.

    `{"replay": {"wallet": address, "from_slot": 0}}` builds one wallet's state anew instead.
    """
    if "replay" in event:
        asked = event["replay"]
        wallet, from_slot = Address(asked["wallet"]), Slot(int(asked.get("from_slot", 0)))
        replay = replay_wallet(wallet, from_slot=from_slot, deps=replay_deps())
        logger().info("wallet_replayed", wallet=wallet, from_slot=from_slot, **replay._asdict())
        return replay._asdict()
    has_time = partial(_has_time, context)
    state = renormalize(renormalize_deps(), has_time=has_time, is_again=bool(event.get("again")))
    logger().info("bodies_renormalized", **state._asdict())
    return state._asdict()


def _has_time(context: LambdaContext) -> bool:
    return context.get_remaining_time_in_millis() > _LEFT_MS
