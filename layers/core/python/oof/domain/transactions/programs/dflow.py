"""DFlow: a router, and orders that wait in a vault until a filler pays for them.

Positions of `fill_order`: 1 the order's vault, 2 the account that receives what was bought, 9 the
filler: https://github.com/sevenlabs-hq/carbon (`decoders/dflow-aggregator-v4-decoder`). The id:
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/dflow`).
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.model import Role as Side
from oof.domain.transactions.programs.program import Fill, Program, Role, anchor

_FILL: Final = bytes.fromhex("e87a7319c78f88a2")


def _name_fill(instruction: Instruction) -> Fill | None:
    """Name the order's vault and the receiving account: whose they are, the flows tell."""
    accounts = instruction.accounts
    if len(accounts) <= 9 or not instruction.read_data().startswith(_FILL):
        return None
    return Fill(escrow=accounts[1], maker=accounts[2], side=Side.MAKER)


PROGRAMS: Final = (
    Program(
        "DF1ow4tspfHX9JwWJsAb9epbkA8hmpSEAtxXy1V27QBH",
        "dflow",
        Role.ROUTER,
        kind=Kind.TRANSFER,
        kinds=tuple((tag, Kind.ESCROW) for tag in anchor("ce58588f268832e0", "5a67d11c073fa804")),
        name_fill=_name_fill,
    ),
)
