"""The names under which the state of each provider is shared."""

from typing import Final

PRIMARY: Final = "upstream"
FALLBACK: Final = "upstream-fallback"
