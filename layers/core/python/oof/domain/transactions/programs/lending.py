"""Lending and margin programs: deposits and loans, not trades.

https://github.com/solana-labs/solana-program-library (`token-lending`),
https://docs.save.finance, https://docs.marginfi.com, https://docs.kamino.finance,
https://docs.mango.markets, https://docs.zeta.markets, https://dev.jup.ag/docs/lend,
https://github.com/Apricot-Finance/apricot-client; the rest as
named in https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _lending(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.LENDING)


PROGRAMS: Final = (
    _lending("LendZqTs7gn5CTSJU1jWKhKuVpjJGom45nnwPb2AMTi", "token_lending"),
    _lending("So1endDq2YkqhipRh3WViPa8hdiSpxWy6z3Z6tMCpAo", "solend"),
    _lending("MFv2hWf31Z9kbCa1snEPYctwafyhdvnV7FZnsebVacA", "marginfi"),
    _lending("KLend2g3cP87fffoy8q1mQqGKjrxjC8boSyAYavgmjD", "kamino_lend"),
    _lending("KvauGMspG5k6rtzrqqn7WNn3oZdyKqLKwK2XWQ8FLjd", "kamino_vault"),
    _lending("kvauTFR8qm1dhniz6pYuBZkuene3Hfrs1VQhVRgCNrr", "kamino_vault"),
    _lending("jup3YeL8QhtSx1e253b2FDvsMNC87fDrgQZivbrndc9", "jupiter_lend_earn"),
    _lending("jupr81YtYssSyPt8jbnGuiWon5f6x9TcDEFxYe3Bdzi", "jupiter_lend_vaults"),
    _lending("jupeiUmn818Jg1ekPURTpr4mFo29p46vygyykFJ3wZC", "jupiter_lend_liquidity"),
    _lending("mv3ekLzLbnVPNxjSKvqBpU3ZeZXPQdEC3bp5MDEBG68", "mango_v3"),
    _lending("4MangoMjqJ2firMokCjjGgoK8d4MXcrgL7XJaL3w6fVg", "mango_v4"),
    _lending("ZETAxsqBRek56DhiGXrn75yj2NHU3aYUnxvHXpkf3aD", "zeta"),
    _lending("dRiftyHA39MWEi3m9aunc5MzRF1JYuBsbn6VPcn33UH", "drift"),
    _lending("FC81tbGt6JWRXidaWYFXxGnTk4VgobhJHATvTRVMqgWj", "francium"),
    _lending("4bcFeLv4nydFrsZqV5CgwCVrPhkQKsXtzfy2KyMz7ozM", "tulip_lending"),
    _lending("6UeJYTLU1adaoHWeApWsoj1xNEDbWA2RhM2DLc8CrDDi", "apricot"),
    _lending("1oopBoJG58DgkUVKkEzKgyG9dvRmpgeEm1AVjoHkF78", "loopscale"),
    _lending("FL3X2pRsQ9zHENpZSKDRREtccwJuei8yg9fwDu9UN69Q", "lulo"),
    _lending("SHARKobtfF1bHhxD2eqftjHBdVSCbKo9JtgK71FhELP", "sharky"),
    _lending("JCFRaPv7852ESRwJJGRy2mysUMydXZgVVhrMLmExvmVp", "citrus"),
    _lending("4tdmkuY6EStxbS6Y8s5ueznL3VPMSugrvQuDeAHGZhSt", "banx"),
    _lending("rNfTQD84kwMbcRpWpLR92BVmxbuwrZc3o5HTauAZiXs", "rain_nft"),
    _lending("rDeFiHPjHZRLiz4iBzMw3zv6unZs4VwdU6qQcVd3NSK", "rain_defi"),
    _lending("MLENdNkmK61mGd4Go8BJX9PhYPN3azrAKRQsAC7u55v", "texture"),
    _lending("sUperbZBsdZa4s7pWPKQaQ2fRTesjKxupxagZ8FSgVi", "texture_superlendy"),
    _lending("1avaAUcjccXCjSZzwUvB2gS3DzkkieV2Mw8CjdN65uu", "lavarage"),
    _lending("CRSeeBqjDnm3UPefJ9gxrtngTsnQRhEJiTA345Q83X3v", "lavarage"),
    _lending("NXFiKimQN3QSL3CDhCXddyVmLfrai8HK36bHKaAzK7g", "nx_finance"),
    _lending("HumaXepHnjaRCpjYTokxY4UtaJcmx41prQ8cxGmFC5fn", "huma"),
    _lending("5D9yi4BKrxF8h65NkVE1raCCWFKUs5ngub2ECxhvfaZe", "maple"),
    _lending("GLoWMgcn3VbyFKiC2FGMgfKxYSyTJS7uKFwKY2CSkq9X", "glow"),
    _lending("vVoLTRjQmtFpiYoegx285Ze4gsLJ8ZxgFKVcuvmG1a8", "voltr"),
    _lending("vAuLTsyrvSfZRuRB3XgvkPwNGgYSs9YRYymVebLKoxR", "drift_vaults"),
    _lending("CarrotwivhMpDnm27EHmRLeQ683Z1PufuqEmBZvD282s", "carrot"),
    _lending("3JmCcXAjmBpFzHHuUpgJFfTQEQnAR7K1erNLtWV1g7d9", "save_wrapper"),
)
