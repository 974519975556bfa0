"""Instructions told by the names that Anchor programs give them, whatever the program.

A name's discriminator is the start of its hash, whatever the program:
https://github.com/solana-foundation/anchor (`lang/syn/src/codegen/program/common.rs`). A bare
`claim` or `withdraw` is none: it may pay back what was one's own. `new_claim` is the first from a
distributor of airdrops, which many deploy anew: https://github.com/jup-ag/distributor.
"""

from hashlib import sha256
from typing import Final

NAMES: Final = (
    "claim_creator_fee",
    "claim_creator_fees",
    "claim_creator_trading_fee",
    "claim_creator_trading_fees",
    "claim_fee",
    "claim_fees",
    "claim_partner_trading_fee",
    "claim_platform_fee",
    "claim_platform_fees",
    "claim_pool_fees",
    "claim_position_fee",
    "claim_protocol_fee",
    "claim_protocol_fees",
    "claim_reward",
    "claim_rewards",
    "claim_staking_reward",
    "claim_staking_rewards",
    "claim_standard_creator_trading_fees",
    "claim_standard_protocol_trading_fees",
    "collect_creator_fee",
    "collect_fee",
    "collect_fees",
    "collect_fees_v2",
    "collect_protocol_fee",
    "collect_protocol_fees",
    "collect_reward",
    "collect_reward_v2",
    "collect_rewards",
    "harvest",
    "harvest_reward",
    "harvest_rewards",
    "harvest_user_rewards",
    "new_claim",
)

REBALANCING: Final = (
    "migrate",
    "migrate_pool",
    "rebalance_liquidity",
    "rebalance_position",
    "reposition_liquidity",
    "reposition_liquidity_v2",
)

LENGTH: Final = 8


def _discriminators(names: tuple[str, ...]) -> frozenset[bytes]:
    return frozenset(sha256(f"global:{name}".encode()).digest()[:LENGTH] for name in names)


CLAIMS: Final = _discriminators(NAMES)
"""The discriminators of what claims what was earned."""

REBALANCES: Final = _discriminators(REBALANCING)
"""The discriminators of what moves liquidity so that one mint may go in and another come out."""
