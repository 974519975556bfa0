"""HumidiFi, a proprietary pool without a published interface: its balances tell the swap.

https://github.com/pinax-network/substreams-solana lists its id.
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("9H6tua7jkLhdm3w8BvgpTn5LZNU7g4ZynDmCiNN3q6Rp", "humidifi", Role.POOL),)
