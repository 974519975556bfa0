"""Templates of every stage, written and validated: `python -m local.runtime.synth`.

Each stage is synthesized by the CDK command line with the AWS Solutions rules and CloudFormation's
own validation on; a finding of either fails. The local stage gets placeholders for what only a
running stack knows.
"""

import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local.runtime import layout
from local.runtime.aws import CREDENTIALS
from local.runtime.faults import LocalRuntimeFault, log_tail
from local.runtime.progress import Progress
from local.runtime.settings import LocalSettings
from local.runtime.toolchain import Toolchain

_PLACEHOLDERS = {
    "database_dsn": "postgresql://user:word@127.0.0.1:5432/oof",
    "upstream_rpc_url": "http://127.0.0.1:8899",
    "upstream_api_url": "http://127.0.0.1:8899",
    "upstream_api_key": "",
    "webhook_secret": "placeholder",
}


def synthesize(stage: str, context: Mapping[str, str], toolchain: Toolchain) -> Path:
    """Write a stage's templates; return their folder.

    Raises LocalRuntimeFault with the findings.
    """
    output = layout.BUILD / "synth" / stage
    log = layout.BUILD / "synth" / f"{stage}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    argv = [
        *toolchain.cdk(), "synth", "--quiet",
        "--app", f"{layout.python()} app.py",
        "--output", str(output),
        "--ci", "--no-color", "--no-notices", "--no-version-reporting",
        "-c", f"stage={stage}",
    ]  # fmt: skip
    for key, value in context.items():
        argv += ["-c", f"{key}={value}"]
    settings = LocalSettings.from_env()
    environment = settings.subprocess_env(CREDENTIALS | {"PATH": toolchain.path})
    with log.open("w") as handle:
        result = subprocess.run(
            argv, check=False, cwd=layout.REPOSITORY, env=environment,
            stdin=subprocess.DEVNULL, stdout=handle, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if result.returncode != 0:
        raise LocalRuntimeFault(f"stage {stage} does not synthesize:\n{log_tail(log, 60)}")
    return output


def main() -> int:
    """Synthesize `local` and `prod`, side by side; 1 when either has a finding."""
    toolchain = Toolchain(LocalSettings.from_env())
    progress = Progress()
    with progress.step("Tools and dependency layers"), toolchain.alone():
        toolchain.cdk()
        link, science = toolchain.deps_link(), toolchain.science_link()
        subprocess.run(
            [str(layout.python()), "-m", "stacks.build_deps"],
            check=True, cwd=layout.REPOSITORY, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    stages = {
        "local": _PLACEHOLDERS | {"deps_layer_dir": str(link), "science_layer_dir": str(science)},
        "prod": {"public_without_auth": "true"},
    }
    begun = time.monotonic()
    failed = False
    with ThreadPoolExecutor() as pool:
        runs = {
            stage: pool.submit(synthesize, stage, context, toolchain)
            for stage, context in stages.items()
        }
    for stage, run in runs.items():
        try:
            folder = run.result()
        except LocalRuntimeFault as fault:
            failed = True
            print(fault, file=sys.stderr)
        else:
            progress.note(f"stage {stage} is in {folder.relative_to(layout.REPOSITORY)}")
    progress.note(f"synthesized in {time.monotonic() - begun:.1f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
