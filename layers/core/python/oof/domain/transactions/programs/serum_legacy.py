"""Serum's first two order books, of 2020. Tags 1 and 9 place orders, as in the third.

https://github.com/solana-foundation/explorer (`packages/decoder-serum/src/program-ids.ts`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("BJ3jrUzddfuSrZHXSCxMUUQsjKEyLmuuyZebkcaFp2fg", "serum_v1", Role.POOL),
    Program("4ckmDgGdxQoPDLUkDT3vHgSAkzA3QRdNq5ywwY4sUSJn", "serum_v1", Role.POOL),
    Program("EUqojwWA2rd19FZrzeBncJsm38Jm1hEhE3zsmX3bRc2o", "serum_v2", Role.POOL),
)
