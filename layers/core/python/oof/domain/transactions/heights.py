"""Stack heights, where the recording has none: the log names every invocation with its depth.

Older nodes and some archives leave `stackHeight` out. Each instruction but a precompile's logs
`Program <id> invoke [<depth>]` when it begins, so log and instructions run in parallel.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from oof.domain.transactions.addresses import PRECOMPILES

_INVOKE: Final = re.compile(r"Program\s+([1-9A-HJ-NP-Za-km-z]{32,44})\s+invoke \[([1-9][0-9]?)\]")


def read_heights(programs: Iterable[tuple[str, bool]], logs: Any) -> list[int]:
    """Give the height of each instruction, (program, is outermost) in order, from the log.

    0 where log and instructions differ, as they do once the log was cut short.
    """
    invocations = _read_invocations(logs) if type(logs) is list else []
    end = len(invocations)
    heights: list[int] = []
    position = 0
    agrees = True
    for program, is_outermost in programs:
        if is_outermost:
            heights.append(1)
            if program in PRECOMPILES:
                continue
            while position < end and invocations[position][1] != 1:
                position += 1
            agrees = position < end and invocations[position][0] == program
            position += agrees
        elif agrees and position < end and invocations[position][0] == program:
            heights.append(invocations[position][1])
            position += 1
        else:
            agrees = False
            heights.append(0)
    return heights


def _read_invocations(logs: list[Any]) -> list[tuple[str, int]]:
    begun = [line for line in logs if type(line) is str and " invoke [" in line]
    matches = [_INVOKE.fullmatch(line) for line in begun]
    return [(match[1], int(match[2])) for match in matches if match is not None]
