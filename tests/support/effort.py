"""How long something keeps a processor busy."""

import gc
import time
from collections.abc import Callable


def least_processor_s(work: Callable[[], object]) -> float:
    """Return the least processor time of three goes, whatever else the machine does.

    Without the garbage collector, whose work grows with everything that the process holds, here
    all that the tests before this one left.
    """
    taken = []
    gc.disable()
    try:
        for _ in range(3):
            started = time.process_time()
            work()
            taken.append(time.process_time() - started)
    finally:
        gc.enable()
    return min(taken)
