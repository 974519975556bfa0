"""The two chains behind one protocol, for in-process use."""

from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import DEFAULT_WALLETS, WalletSpec
from local.upstream.model import Chain
from local.upstream.recorded import RecordedChain

__all__ = ["DEFAULT_WALLETS", "Chain", "GeneratedChain", "RecordedChain", "WalletSpec"]
