"""What may go wrong for a person at the command line: one line, and what to do."""


class CliFault(Exception):
    """Shown as it is; the process then ends with a code other than zero."""
