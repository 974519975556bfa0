"""Routers beside Jupiter: OKX, DFlow, Titan, Raydium's and Serum's own.

Ids as in https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`),
https://docs.titan.exchange and https://github.com/project-serum/swap.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _router(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.ROUTER, kind=Kind.TRANSFER)


PROGRAMS: Final = (
    _router("proVF4pMXVaYqmy4NjniPh4pqKNfMmsihgd4wdkCX3u", "okx"),
    _router("6m2CDdhRgxpH4WjvdzxAYbGxwdGUz5MziiL5jek2kBma", "okx"),
    _router("DF1ow4tspfHX9JwWJsAb9epbkA8hmpSEAtxXy1V27QBH", "dflow"),
    _router("T1TANpTeScyeqVzzgNViGDNrkQ6qHz9KrSBS4aNXvGT", "titan"),
    _router("routeUGWgWzqBWFcrCfv8tritsqukccJPu3q5GPP3xS", "raydium_route"),
    _router("22Y43yTVxuUkoRKdm9thyRhQ3SdgQS7c7kB6UNCiaczD", "serum_swap"),
)
