"""The guard: what is at an address, before anything is spent on it."""

from typing import Final

from oof.domain.units import Address
from oof.ports.upstream import ChainSource

SYSTEM_PROGRAM: Final = Address("11111111111111111111111111111111")


def check_account(chain: ChainSource, wallet: Address) -> str:
    """Return "" for a wallet, else the stable code of why it is none.

    An address without an account may have been one, so it passes; so does an off-curve account
    of the System program, which is a wallet all the same.
    """
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
