"""Benches that call the API in their own process: no log, and use cases timed apart."""

import inspect
import os
import pkgutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from functools import cache, wraps
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO
from unittest import mock

from oof.entrypoints import http

_USE_CASES = "oof.app."


@contextmanager
def unlogged() -> Iterator[None]:
    """Write what the API logs to nobody; it costs what it costs in a function."""
    with redirect_stdout(_nobody()):
        yield


@cache
def _nobody() -> TextIO:
    # Never closed: the logger keeps the stream it was made with.
    return Path(os.devnull).open("w")


class Meter:
    """Counts the time that passes within use cases."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count, for as long as this lasts, in whatever use case a handler of the API calls."""
        with ExitStack() as replaced:
            for found in pkgutil.iter_modules(http.__path__, f"{http.__name__}."):
                module = import_module(found.name)
                for name, value in list(vars(module).items()):
                    if inspect.isfunction(value) and value.__module__.startswith(_USE_CASES):
                        replaced.enter_context(mock.patch.object(module, name, self._timed(value)))
            yield

    def _timed(self, work: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(work)
        def timed(*args: Any, **kwargs: Any) -> Any:
            begun = time.perf_counter()
            try:
                return work(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - begun

        return timed
