"""Which movements are fees that a summary counts."""

from typing import Final

from oof.domain.transactions.model import Kind

FEE_KINDS: Final = (
    Kind.NETWORK_FEE,
    Kind.PRIORITY_FEE,
    Kind.TIP,
    Kind.PLATFORM_FEE,
    Kind.PROTOCOL_FEE,
    Kind.CREATOR_FEE,
    Kind.BOT_FEE,
)
"""Paid in SOL these are summed by kind; in another mint they stay movements."""
