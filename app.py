"""The CDK app: `cdk deploy --all -c stage=local|prod|<name>`, or `python app.py` to synthesize."""

import sys

from stacks.application import synthesize
from stacks.errors import SynthesisRefused


def main() -> int:
    """Synthesize the stage that context names; 1 with one line that says what is missing."""
    try:
        synthesize()
    except SynthesisRefused as refusal:
        sys.stderr.write(f"app: {refusal}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
