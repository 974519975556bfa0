"""Printr, launches on pools of others, and staking of what was launched: claims are income.

https://printr.gitbook.io/printr-docs.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("T8HsGYv7sMk3kTnyaRqZrbRPuntYzdh12evXBkprint", "printr", Role.OTHER, kind=Kind.STAKE),
)
