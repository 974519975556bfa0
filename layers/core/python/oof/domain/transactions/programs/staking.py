"""Native staking, stake pools and restaking: a change of form, not a trade.

https://github.com/solana-program/stake-pool, https://github.com/igneous-labs (its deployments for
Sanctum), https://github.com/marinade-finance/liquid-staking-program,
https://github.com/FlipsideCrypto/solana-models (`models/silver/staking`); restaking as named in
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services`).
"""

from typing import Final

from oof.domain.transactions.addresses import STAKE
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _stake(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.STAKE)


PROGRAMS: Final = (
    _stake(STAKE, "stake"),
    _stake("SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy", "stake_pool"),
    _stake("SP12tWFxD9oJsVWNavTTBZvMbA6gkAmxtVgxdqvyvhY", "sanctum_stake_pool"),
    _stake("SPMBzsVUuoHA4Jm6KunbsotaahvVikZs1JyTW6iJvbn", "sanctum_stake_pool"),
    _stake("MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD", "marinade"),
    _stake("EverSFw9uN5t1V8kS3ficHUcKffSjwpGzUSGd7mgmSks", "eversol"),
    _stake("Vau1t6sLNxnzB7ZDsef8TLbPLfyZMYXH8WTNqUdm9g8", "jito_restaking"),
    _stake("sSo1iU21jBrU9VaJ8PJib1MtorefUV4fzC9GURa2KNn", "solayer"),
    _stake("endoLNCKTqDn8gSVnN2hDdpgACUPWHZTwoYnnMybpAT", "solayer_endo"),
    _stake("fragnAis7Bp6FTsMoa6YcH8UffhEw43Ph79qAiK3iF3", "fragmetric"),
    _stake("bon4Kh3x1uQK16w9b9DKgz3Aw4AP1pZxBJk55Q6Sosb", "sanctum_staking"),
)
