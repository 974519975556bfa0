"""Tessera V, a proprietary pool without a published interface: its balances tell the swap.

https://github.com/pinax-network/substreams-solana lists its id.
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("TessVdML9pBGgG9yGks7o4HewRaXVAMuoVj4x83GLQH", "tessera", Role.POOL),)
