"""The pinned CDK command line: `python -m local.runtime.cdk deploy --all -c stage=prod`.

It runs with a person's own environment, AWS credentials included: this is the way to real AWS.
"""

import subprocess
import sys

from local.runtime import layout
from local.runtime.faults import LocalRuntimeFault
from local.runtime.settings import LocalSettings
from local.runtime.toolchain import Toolchain


def main() -> int:
    """Run the command line with the arguments given; return its exit code."""
    settings = LocalSettings.from_env()
    toolchain = Toolchain(settings)
    try:
        with toolchain.alone():
            cdk = toolchain.cdk()
    except LocalRuntimeFault as fault:
        print(fault, file=sys.stderr)
        return 1
    argv = [*cdk, "--app", f"{layout.python()} app.py", *sys.argv[1:]]
    environment = settings.installer_env(toolchain.path)
    return subprocess.run(argv, check=False, cwd=layout.REPOSITORY, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
