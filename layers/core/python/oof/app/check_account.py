"""The guard: what is at an address, before anything is spent on it."""

from typing import Final

from oof.domain.units import Address
from oof.ports.upstream import ChainSource

SYSTEM_PROGRAM: Final = Address("11111111111111111111111111111111")

POOL_AUTHORITIES: Final = frozenset(
    {
        Address("5Q544fKrFoe6tsEbD7S8EmxGTJYAKTVVhAW5Q5pge4j1"),  # Raydium AMM v4
        Address("GpMZbSM2GgvTKHJirzeGfMFoaZ8UR2X7F4v8vHTvxFbL"),  # Raydium CPMM
        Address("WLHv2UAZm6z4KyaaELi5pjdbJh6RESMva1Rnn8pJVVh"),  # Raydium LaunchLab
        Address("HLnpSz9h2S4hiLQ43rnSD9XkcUThA7B8hQMKmDaiTLcC"),  # Meteora DAMM v2
        Address("FhVo3mqL8PW5pH5U2CN4XE33DokiyZnUwuGpH2hmHLuM"),  # Meteora DBC
    }
)
"""Off-curve System accounts that own the vaults of whole venues: pools, though they look like
wallets."""


def check_account(chain: ChainSource, wallet: Address) -> str:
    """Return "" for a wallet, else the stable code of why it is none.

    An address without an account may have been one, so it passes; so does an off-curve account
    of the System program, which is a wallet all the same.
    """
    if wallet in POOL_AUTHORITIES:
        return "refused_pool"
    (state,) = chain.accounts([wallet])
    if state is None:
        return ""
    if state.is_executable:
        return "refused_executable"
    if state.token is not None:
        return "refused_token_account"
    if state.owner_program != SYSTEM_PROGRAM:
        return "refused_program_account"
    return ""
