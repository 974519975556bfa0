"""Every program known by name, in one explicit tuple. A new one is a file and a line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from oof.domain.transactions.programs import (
    aggregators,
    boop,
    humidifi,
    jupiter,
    jupiter_orders,
    lending,
    light,
    meteora,
    orca,
    phoenix,
    pump_fun,
    pump_swap,
    raydium_clmm,
    raydium_cpmm,
    raydium_v4,
    serum,
    solfi,
    staking,
    terminals,
    tessera,
)
from oof.domain.transactions.programs.program import Program

PROGRAMS: Final[tuple[Program, ...]] = (
    *serum.PROGRAMS,
    *raydium_v4.PROGRAMS,
    *jupiter.PROGRAMS,
    *jupiter_orders.PROGRAMS,
    *aggregators.PROGRAMS,
    *humidifi.PROGRAMS,
    *orca.PROGRAMS,
    *raydium_clmm.PROGRAMS,
    *meteora.PROGRAMS,
    *pump_swap.PROGRAMS,
    *pump_fun.PROGRAMS,
    *phoenix.PROGRAMS,
    *raydium_cpmm.PROGRAMS,
    *tessera.PROGRAMS,
    *solfi.PROGRAMS,
    *boop.PROGRAMS,
    *staking.PROGRAMS,
    *lending.PROGRAMS,
    *light.PROGRAMS,
    *terminals.PROGRAMS,
)

BY_ID: Final[Mapping[str, Program]] = MappingProxyType(
    {program.program_id: program for program in PROGRAMS}
)

SELF_PAYING: Final = tuple(program for program in PROGRAMS if program.list_payouts is not None)
"""Programs that tell what they pay out of accounts of their own."""
