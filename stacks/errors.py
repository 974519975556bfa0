"""What makes a synthesis stop, each with one line that says what to do."""


class SynthesisRefused(Exception):
    """The stage cannot be synthesized as asked; the message says what to do."""
