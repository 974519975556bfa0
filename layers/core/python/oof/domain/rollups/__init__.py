"""What a wallet's days come to over windows, and how good that was."""
