"""Farms, boosts and token staking: a deposit is a change of form.

As named in https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services`) and
https://github.com/sonarwatch/portfolio (`packages/plugins/src/plugins/*/constants.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _farm(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.STAKE)


PROGRAMS: Final = (
    _farm("FarmsPZpWu9i7Kky8tPN37rs2TpmMrAZrC7S7vJa91Hr", "kamino_farms"),
    _farm("82yxjeMsvaURa4MbZZ7WZZHfobirZYkH1zF8fmeGtyaQ", "orca_farms"),
    _farm("EhhTKczWMGQt46ynNeRX1WfeagwwJd7ufHvCDjRxjo5Q", "raydium_farm_v3"),
    _farm("CBuCnLe26faBpcBP2fktp4rp8abpcAnTWft6ZrP5Q4T", "raydium_farm_v4"),
    _farm("9KEPoZmtHUrBbhWN1v1KWLMkkvwY6WLtAVUCPRtRjP4z", "raydium_farm_v5"),
    _farm("FarmqiPv5eAj3j1GMdMCMUGXqPUvmquZtMy86QH6rzhG", "raydium_farm_v6"),
    _farm("FarmuwXPWXvefWUeqFAa5w6rifLkq5X6E8bimYvrhCB1", "meteora_farms"),
    _farm("FEESngU3neckdwib9X3KWqdL7Mjmqk9XNp3uh5JbP4KP", "meteora_m3m3"),
    _farm("HYzrD877vEcBgd6ySKPpa3pcMbqYEmwEF1GFQmvuswcC", "cropper_farm"),
    _farm("rev31KMq4qzt1y1iw926p694MHVVWT57caQrsHLFA4x", "stabble_farm"),
    _farm("QMNeHCGYnLVDn1icRAfQZpjPLBNkfGbSKRB83G5d8KB", "quarry"),
    _farm("QMMD16kjauP5knBwxNUJRZ1Z5o3deBuFrqVjBVmmqto", "quarry_merge"),
    _farm("STAKEkKzbdeKkqzKpLkNQD3SUuLgshDKCD7U8duxAbB", "bonk_rewards"),
    _farm("pytS9TjG1qyAZypk7n8rw8gfW9sUaqqYyMhJQ4E7JCQ", "pyth_staking"),
    _farm("STAKEvGqQTtzJZH6BWDcbpzXXn2BBerPAgQ3EGLN2GH", "streamflow_staking"),
    _farm("StKLLTf7CQ9n5BgXPSDXENovLTCuNc7N2ehvTb6JZ5x", "aurory_staking"),
    _farm("ATLocKpzDbTokxgvnLew3d7drZkEzLzDpzwgrgWKDbmc", "star_atlas_staking"),
    _farm("nosScmHY2uR24Zh751PmGj9ww9QRNHewh9H59AfrTJE", "nosana_staking"),
)
