"""Light Protocol: tokens kept as hashes in state trees, its fees for adding to a tree.

Compressing and decompressing change the form of what one owns; what the system program and the
tree program take are fees. https://www.zkcompression.com/resources/addresses-and-urls.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _light(program_id: str, slug: str, kind: Kind) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=kind)


PROGRAMS: Final = (
    _light("cTokenmWW8bLPjZEBAUgYy3zKxQZW6VKi7bqNFEVv3m", "light_token", Kind.TRANSFER),
    _light("SySTEM1eSU2p4BGQfQpimFEWWSC1XDFeun3Nqzz3rT7", "light_system", Kind.PROTOCOL_FEE),
    _light("compr6CUsB5m2jS4Y3831ztGSTnDpnKJTKS95d64XVq", "light_trees", Kind.PROTOCOL_FEE),
)
