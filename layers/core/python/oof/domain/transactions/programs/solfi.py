"""SolFi and its second version, proprietary pools: their balances tell the swap.

https://github.com/pinax-network/substreams-solana lists their ids.
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("SoLFiHG9TfgtdUXUjWAxi3LtvYuFyDLVhBWxdMZxyCe", "solfi", Role.POOL),
    Program("SV2EYYJyRz2YhfXwXnhNAevDEui5Q6yrfyo13WtupPF", "solfi_v2", Role.POOL),
)
