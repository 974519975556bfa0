"""Numbers out of repeated measurements."""

import math
import time
from collections.abc import Callable, Sequence


def median(samples: Sequence[float]) -> float:
    """The middle sample; of an even number, the mean of the middle two. Raises if there is none."""
    ordered = sorted(samples)
    if not ordered:
        raise ValueError("nothing was measured")
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that `share` (above 0, at most 1) of all samples do not exceed.

    Raises ValueError when there is none.
    """
    ordered = sorted(samples)
    if not ordered or not 0 < share <= 1:
        raise ValueError("no sample, or a share outside (0, 1]")
    return ordered[math.ceil(share * len(ordered)) - 1]


def timed[T](work: Callable[[], T]) -> tuple[float, T]:
    """Do the work once; return seconds and its result."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def timed_cpu[T](work: Callable[[], T]) -> tuple[float, T]:
    """Do the work once; return seconds of this process's processor time and its result.

    For pure computing: other programs on the machine lengthen the wall clock, not this.
    """
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result
