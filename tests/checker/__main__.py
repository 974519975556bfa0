"""`python -m tests.checker FILE…` prints a table, one row a file, and exits 1 on any mismatch."""

import sys
from pathlib import Path

from tests.checker.report import HEADING, check_file, summary


def main(arguments: list[str]) -> int:
    """Check the files named and return the exit code."""
    if not arguments:
        sys.stderr.write("usage: python -m tests.checker FILE…\n")
        return 2
    wrong = False
    sys.stdout.write(HEADING + "\n")
    for argument in arguments:
        report = check_file(Path(argument))
        sys.stdout.write(report.row() + "\n")
        for finding in report.findings[:20]:
            sys.stdout.write(f"    {finding.signature} {finding.code}: {finding.detail}\n")
        if report.findings:
            sys.stdout.write(f"    {summary(report.findings)}\n")
        sys.stdout.flush()
        wrong = wrong or bool(report.findings) or report.unknown_excessive
    return int(wrong)


sys.exit(main(sys.argv[1:]))
