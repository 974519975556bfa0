"""Solana JSON-RPC and Helius."""
