"""The local AWS: MiniStack in an environment of its own, corrected in process, on loopback.

Its environment holds MiniStack and boto3 and nothing else, as Lambda's does: a package that a
function forgot to ship is missing here too.
"""

import shutil
import time
from pathlib import Path

import httpx

from local.runtime import process
from local.runtime.faults import LocalRuntimeFault, log_tail
from local.runtime.process import ProcessRef
from local.runtime.settings import LocalSettings
from local.runtime.state import Instance

ACCOUNT = "000000000000"
REGION = "us-east-1"
CDK_ASSETS = f"cdk-hnb659fds-assets-{ACCOUNT}-{REGION}"
_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 60
_INVOCATIONS_GRACE_S = 4
_PROGRAM = Path(__file__).with_name("ministack_corrections.py")


class MiniStack:
    """One local AWS; what it holds in memory is written at an orderly stop alone."""

    def __init__(
        self, folder: Path, log: Path, instance: Instance, *, corrected: bool = True
    ) -> None:
        self._folder = folder
        self.log = log
        self._instance = instance
        self._corrected = corrected

    def start(self, interpreter: Path, settings: LocalSettings) -> ProcessRef:
        """Start the server and wait until it answers.

        Raises LocalRuntimeFault with its log when it ends or stays silent.
        """
        scratch = self._folder / "tmp"
        # Workers of a killed run leave their unpacked code behind.
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        program = [str(_PROGRAM)] if self._corrected else ["-m", "ministack"]
        # -P: our own folder is not on the path of what runs Lambdas. -X says whose server this is.
        argv = [str(interpreter), "-P", "-X", f"instance={self._folder}", *program]
        server = process.spawn(argv, settings.subprocess_env(self._environment()), self.log)
        try:
            self._wait_ready(server)
        except LocalRuntimeFault:
            process.kill(server)
            raise
        return server

    def _environment(self) -> dict[str, str]:
        return {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self._instance.aws_port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._folder / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self._folder / "s3"),
            "TMPDIR": str(self._folder / "tmp"),
            # Far above what queues and steps may run at once: it only bounds an accident.
            "LAMBDA_ACCOUNT_CONCURRENCY": "40",
        }

    def _wait_ready(self, server: ProcessRef) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self.answers():
            if not process.alive(server):
                raise LocalRuntimeFault(f"MiniStack ended at once:\n{log_tail(self.log)}")
            if time.monotonic() > deadline:
                raise LocalRuntimeFault(f"MiniStack does not answer:\n{log_tail(self.log)}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Return whether the server is there and ready."""
        try:
            health = httpx.get(f"{self._instance.aws_url}/_ministack/health", timeout=5)
        except httpx.TransportError:
            return False
        return health.is_success and "services" in health.text

    def stop(self, server: ProcessRef) -> bool:
        """Stop in order, writing state; False when it had to be killed and the state is lost.

        The server waits for invocations under way, which themselves wait for services that are
        gone: after a grace they are ended.
        """
        orderly = process.alive(server) and self._ask_to_stop(server)
        self.sweep()
        return orderly

    def _ask_to_stop(self, server: ProcessRef) -> bool:
        process.terminate(server)
        if process.wait_gone(server, _INVOCATIONS_GRACE_S):
            return True
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        while time.monotonic() < deadline:
            for worker in process.children(server.pid):
                process.kill(worker)
            if process.wait_gone(server, 0.5):
                return True
        process.kill(server)
        return False

    def sweep(self) -> None:
        """End workers that outlived their server, and delete what they unpacked."""
        for orphan in process.mentioning(self._folder):
            process.kill(orphan)
        shutil.rmtree(self._folder / "tmp", ignore_errors=True)

    def forget_state(self) -> None:
        """Delete what a killed server left, but set S3's objects aside: those were written at once.

        They cannot stay where they are, as no stack may create a bucket that already exists.
        """
        shutil.rmtree(self._folder / "state", ignore_errors=True)
        shutil.rmtree(self._buckets / CDK_ASSETS, ignore_errors=True)
        _move_into(self._buckets, self._aside)

    def has_objects_aside(self) -> bool:
        """Return whether objects of an earlier run wait for their bucket to be made anew."""
        return self._aside.exists()

    def put_objects_back(self) -> None:
        """Put what was set aside into the buckets made since; the server must not be running."""
        _move_into(self._aside, self._buckets)

    @property
    def _buckets(self) -> Path:
        return self._folder / "s3" / ACCOUNT

    @property
    def _aside(self) -> Path:
        return self._folder / "s3-aside"

    def wipe(self) -> None:
        """Delete everything."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _move_into(source: Path, target: Path) -> None:
    """Move every file into the same place under another folder, replacing what is there."""
    for path in sorted(source.rglob("*")):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
    shutil.rmtree(source, ignore_errors=True)
