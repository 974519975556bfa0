"""Accounts that protocols collect flat charges in, whatever their instruction is about.

Raydium's owner of the accounts that creating a pool pays into (`7YttLkHD…` and `DNXgeM9E…`):
https://github.com/raydium-io/raydium-sdk-V2-demo (`src/amm/createAmmPool.ts`); the fee collector
of Wormhole's core bridge, derived from it: https://wormhole.com/docs/products/reference.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PROTOCOL_ACCOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "GThUX1Atko4tqhN2NaiTazWSeFWMuiUvfFnyJyUghFMJ": "raydium",
        "9bFNrXNb2WTx8fMHXCheaZqkLZ3YCCaiqTftHxeintHy": "wormhole",
    }
)
"""What reaches one of them is a fee of the protocol named beside it."""
