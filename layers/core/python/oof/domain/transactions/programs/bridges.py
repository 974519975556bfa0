"""Bridges to other chains: what leaves here arrives elsewhere, a transfer.

As named in https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services`); Mayan's
MCTP by what it logs on chain (mctp-swap), Across' and LI.FI's among the verified programs of
https://github.com/solana-foundation/explorer (`public/verified-programs.json`), deBridge's in
https://github.com/FlipsideCrypto/solana-models (`models/silver/bridges`); Circle's second version:
https://github.com/sevenlabs-hq/carbon (`decoders`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _bridge(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.TRANSFER)


PROGRAMS: Final = (
    _bridge("wormDTUJ6AWPNvk59vGQbDvGJmqbDTdgWgAqcLBCgUb", "wormhole"),
    _bridge("worm2ZoG2kUd4vFXhvjh93UUH596ayRfgQ2MgjNMTth", "wormhole"),
    _bridge("CCTPiPYPc6AsJuwueEnWgSgucamXDZwBd53dQ11YiKX3", "circle_cctp"),
    _bridge("CCTPmbSD7gX1bxKPAmg77w8oFzNFpaQiQUWD43TKaecd", "circle_cctp"),
    _bridge("CCTPV2vPZJS2u2BBsUoscuikbYjnpFmbFsvVuJdgUMQe", "circle_cctp"),
    _bridge("CCTPV2Sm4AdWt5296sk4P66VBZ7bEhcARwFaaS9YPbeC", "circle_cctp"),
    _bridge("Awm2zSgzMGTRraAVjRvshqLehy7mJ2Qr3maURDsoDmwi", "mayan"),
    _bridge("BLZRi6frs4X4DNLw56V4EXai1b6QVESN1BhHBTYM9VcY", "mayan"),
    _bridge("DLv3NggMiSaef97YCkew5xKUHDh13tVGZ7tydt3ZeAru", "across"),
    _bridge("3i5JeuZuUxeKtVysUnwQNGerJP2bSMX9fTFfS4Nxe3Br", "lifi"),
    _bridge("DEbrdGj3HsRsAzx6uH4MKyREKxVAfBydijLUF3ygsFfh", "debridge"),
    _bridge("src5qyZHqTqecJV4aY6Cb6zDZLMDzrDKKezs22MPHr4", "debridge"),
    _bridge("dst5MGcFPoBeREFAA5E3tU5ij8m5uVYwkzkSAbsLbNo", "debridge"),
    _bridge("BrdgN2RPzEMWF96ZbnnJaUtQDQx7VRXYaHHbYCBvceWB", "allbridge"),
)
