"""The stand-in upstream: JSON-RPC, Helius and price APIs over a recorded or generated chain."""
