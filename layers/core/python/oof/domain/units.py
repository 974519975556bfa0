"""The names of quantities and identifiers used everywhere.

On-chain quantities are integers in a mint's base units; they never meet a float. SOL and
wrapped SOL are one asset, written as the wrapped mint.
"""

from typing import Final, NewType

Signature = NewType("Signature", str)
"""A transaction's first signature, base58 of 64 bytes."""

Address = NewType("Address", str)
"""An account's public key, base58 of 32 bytes."""

Mint = NewType("Mint", str)
"""A token mint's address; `SOL_MINT` stands for SOL and wrapped SOL alike."""

Slot = NewType("Slot", int)
UnixSeconds = NewType("UnixSeconds", int)

Lamports = NewType("Lamports", int)
RawAmount = NewType("RawAmount", int)
"""Base units of some mint, signed where it is a delta."""

SOL_MINT: Final = Mint("So11111111111111111111111111111111111111112")
SOL_DECIMALS: Final = 9
