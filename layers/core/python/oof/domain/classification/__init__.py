"""What a wallet's behaviour classes it as: axes with one value each, and badges."""
