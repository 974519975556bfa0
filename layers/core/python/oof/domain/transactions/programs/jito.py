"""Tips: lamports sent to one of Jito's eight accounts pay for a bundle's place in its block.

https://docs.jito.wtf/lowlatencytxnsend/#tip-amount (`getTipAccounts`). Other services
that land transactions are paid likewise.
"""

from typing import Final

from oof.domain.transactions.programs.landing import LANDING_TIP_ACCOUNTS

JITO_TIP_ACCOUNTS: Final = frozenset(
    {
        "96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5",
        "HFqU5x63VTqvQss8hp11i4wVV8bD44PvwucfZ2bU7gRe",
        "Cw8CFyM9FkoMi7K7Crf6HNQqf4uEMzpKw6QNghXLvLkY",
        "ADaUMid9yfUytqMBgopwjb2DTLSokTSzL1zt6iGPaS49",
        "DfXygSm4jCyNCybVYYK6DwvWqjKee8pbDmJGcLWNDXjh",
        "ADuUkR4vqLUMWXxW9gh6D6L8pMSawimctcNZ5pGwDcEt",
        "DttWaMuVvTiduZRnguLF7jNxTgiMBZ1hyAumKUiL2KRL",
        "3AVi9Tg9Uo68tJfuvoKvqKNWKkC5wPdSSdeBnizKZ6jT",
    }
)

TIP_ACCOUNTS: Final = JITO_TIP_ACCOUNTS | LANDING_TIP_ACCOUNTS.keys()
"""Whatever reaches one of these is a tip."""
