"""The two chains behind one protocol, for in-process use."""

from local.upstream.model import Chain
from local.upstream.recorded import RecordedChain

__all__ = ["Chain", "RecordedChain"]
