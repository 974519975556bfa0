"""Managed liquidity: deposits into positions that somebody else keeps.

https://github.com/Kamino-Finance/kliquidity-sdk, https://github.com/sol-farm/solfarm-sdk (Tulip),
https://github.com/sevenlabs-hq/carbon (`decoders`: Raydium's locks, which pay fees on);
the rest as named in https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _vault(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.LIQUIDITY)


PROGRAMS: Final = (
    _vault("6LtLpnUFNByNXLyCoK9wA2MykKAmQNZKBdY8s47dehDc", "kamino_liquidity"),
    _vault("FqGg2Y1FNxMiGd51Q6UETixQWkF5fB92MysbYogRJb3P", "hawkfi"),
    _vault("TLPv2tuSVvn3fSk8RgW3yPddkp5oFivzZV3rA9hQxtX", "tulip_vaults"),
    _vault("7vxeyaXGLqcp66fFShqUdHxdacp4k4kwUpRSSeoZLCZ4", "tulip_raydium"),
    _vault("tuna4uSQZncNeeiAMKbstuxA9CUkHH6HmC64wgmnogD", "defituna_vaults"),
    _vault("LockrWmn6K5twhz3y9w1dQERbmgSaRkfnTeTKbpofwE", "raydium_lock"),
    _vault("vaU6kP7iNEGkbmPkLmZfGwiGxd4Mob24QQCie5R9kd2", "meteora_dlmm_vault"),
)
