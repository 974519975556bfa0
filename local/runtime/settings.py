"""What the local runtime takes from the environment, read in this one place."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PASSED_ON = (
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """How a person steers the local stack: nothing set is a generated chain, offline."""

    chain_dir: Path | None
    helius_api_key: str | None
    path: str
    home: str
    passed_on: Mapping[str, str]
    """What a program needs to start and to reach the internet on this very machine."""
    everything: Mapping[str, str]
    """For installers alone, whose registries and caches a person sets in many ways."""
    crowd: int = 0
    """How many small wallets a generated chain has beside its usual ones."""
    has_golden: bool = True
    """Whether a generated chain has the wallet of four years."""
    seed: int = 1
    """What a generated chain is made from."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read `OOF_CHAIN_DIR`, `HELIUS_API_KEY` and what subprocesses need to run at all."""
        source = os.environ if environ is None else environ
        chain_dir = source.get("OOF_CHAIN_DIR")
        return cls(
            chain_dir=Path(chain_dir).resolve() if chain_dir else None,
            helius_api_key=source.get("HELIUS_API_KEY") or None,
            path=source.get("PATH", os.defpath),
            home=source.get("HOME", "/"),
            passed_on={name: source[name] for name in _PASSED_ON if name in source},
            everything=dict(source),
        )

    def subprocess_env(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return a clean environment: a stray variable of the user's must not change a run."""
        env = {"PATH": self.path, "HOME": self.home, "LANG": "C.UTF-8", **self.passed_on}
        return env | dict(extra or {})

    def installer_env(self, path: str) -> dict[str, str]:
        """Return the person's own environment for an installer, with our tools first on PATH."""
        env = dict(self.everything) | {"PATH": path}
        # Without byte code every start of every program pays for compiling it.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        return env
