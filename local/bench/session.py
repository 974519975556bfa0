"""What the benches of one run share: where they print, the recorded chain, one deployed stack."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from local.bench.live import LiveStack
from local.runtime import layout, running_stack
from local.runtime.progress import Progress
from local.runtime.settings import LocalSettings


class Session:
    """One run of benches."""

    def __init__(self, console: Console, closing: ExitStack) -> None:
        self.console = console
        self._closing = closing
        self._live: LiveStack | None = None

    def chain_dir(self) -> Path | None:
        """The recorded chain: `OOF_CHAIN_DIR`, else the shared folder beside the checkout."""
        asked = LocalSettings.from_env().chain_dir
        folder = asked or layout.REPOSITORY.parent / "shared" / "chain"
        return folder if (folder / "rpc").is_dir() else None

    def live(self) -> LiveStack:
        """A stack of this run alone over the generated chain, up when first asked for.

        Raises LocalRuntimeFault when it does not come up.
        """
        if self._live is None:
            root = Path(self._closing.enter_context(TemporaryDirectory(prefix="oof-bench-")))
            running = running_stack(root=root / "stack", progress=Progress(self.console))
            self._live = LiveStack(self._closing.enter_context(running))
            self._closing.callback(self._live.close)
        return self._live


@contextmanager
def session(console: Console) -> Iterator[Session]:
    """Open a run; whatever it brought up is gone at its end."""
    with ExitStack() as closing:
        yield Session(console, closing)
