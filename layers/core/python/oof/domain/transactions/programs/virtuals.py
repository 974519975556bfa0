"""Virtuals, bonding curves of agents.

https://www.quicknode.com/docs/solana/program-id-to-label.
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("5U3EU2ubXtK84QcRjWVmYt9RaDyA8gKxdUrPFXmZyaki", "virtuals", Role.POOL),)
