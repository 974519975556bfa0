"""The local stack as a whole: up, down, killed, and up again.

What must survive is in Postgres and in S3's objects; what MiniStack keeps in memory (tables,
queues, the deployment itself) is written at an orderly stop alone. After any other end the stack
is deployed anew and DynamoDB is projected again from Postgres.
"""

import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from local.runtime import aws, layout, process, upstream
from local.runtime.deploy import Deployment, invoke
from local.runtime.faults import DeploymentRefused, LocalRuntimeFault, log_tail
from local.runtime.layout import Layout
from local.runtime.local_aws import MiniStack
from local.runtime.ports import free_ports, is_free
from local.runtime.postgres import PostgresServer
from local.runtime.process import ProcessRef
from local.runtime.progress import Progress, Silent
from local.runtime.settings import LocalSettings
from local.runtime.state import Deployed, Instance, InstanceStore, new_secret
from local.runtime.toolchain import Toolchain

_AWS, _POSTGRES, _UPSTREAM = "aws", "postgres", "upstream"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackAddress:
    """Where a running stack is reached."""

    instance: Instance
    outputs: dict[str, str]

    @property
    def api_url(self) -> str:
        """The public API's base address, without a slash at its end."""
        return self._http_api("ApiUrl")

    @property
    def ingest_url(self) -> str:
        """The webhook API's base address, without a slash at its end."""
        return self._http_api("IngestUrl")

    @property
    def upstream_url(self) -> str:
        """The stand-in provider: its RPC, its API and its controls."""
        return self.instance.upstream_url

    @property
    def database_dsn(self) -> str:
        """The database that the Lambdas use."""
        return self.instance.database_dsn

    @property
    def webhook_secret(self) -> str:
        """What a webhook's `Authorization` header must hold."""
        return self.instance.webhook_secret

    def aws(self, service: str) -> Any:
        """Return a boto3 client of one service of this stack."""
        return aws.client(self.instance, service)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call one of our functions by its folder's name. Raises LocalRuntimeFault if it fails."""
        return invoke(self.aws, function, event)

    def _http_api(self, output: str) -> str:
        for name, value in self.outputs.items():
            if name.rpartition(".")[2] == output:
                api_id = (urlsplit(value).hostname or "").partition(".")[0]
                return f"http://localhost:{self.instance.aws_port}/_aws/execute-api/{api_id}"
        raise LocalRuntimeFault(f"the deployment has no output {output}; run `make up`")


class Stack:
    """One instance of the local stack, by its folder."""

    def __init__(
        self,
        root: Path = layout.MAIN_INSTANCE,
        *,
        settings: LocalSettings | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._layout = Layout(root=root.resolve())
        self._settings = settings or LocalSettings.from_env()
        self._progress = progress or Silent()
        self._store = InstanceStore(self._layout.root)
        self._toolchain = Toolchain(self._settings)

    def address(self) -> StackAddress | None:
        """Return where the stack is reached; None when it is not up."""
        instance, deployed = self._store.instance(), self._store.deployed()
        running = self._store.running()
        if instance is None or deployed is None or _AWS not in running:
            return None
        if not all(process.alive(server) for server in running.values()):
            return None
        return StackAddress(instance=instance, outputs=dict(deployed.outputs))

    def running(self) -> dict[str, bool]:
        """Return, for each server of the present run, whether it is alive."""
        return {name: process.alive(server) for name, server in self._store.running().items()}

    def up(self) -> StackAddress:
        """Bring the stack up, doing only what is not done yet.

        Raises LocalRuntimeFault, with nothing of this start left running.
        """
        with self._store.locked():
            before = {name for name, alive in self.running().items() if alive}
            try:
                return self._up()
            except BaseException:
                # A second Ctrl-C must not cut the clean-up short.
                with _signals_held():
                    self._stop({*self._store.running()} - before)
                raise

    def down(self) -> bool:
        """Stop what this instance started; False when there was nothing to stop."""
        with self._store.locked():
            running = self._store.running()
            self._stop(set(running))
            return bool(running)

    def wipe(self) -> None:
        """Stop, and delete every byte of this instance."""
        with self._store.locked():
            self._stop({*self._store.running()})
            if (instance := self._store.instance()) is not None:
                self._postgres(instance).kill()
            shutil.rmtree(self._layout.postgres, ignore_errors=True)
            shutil.rmtree(self._layout.root, ignore_errors=True)

    def kill(self) -> None:
        """End every process at once, as a power cut would: nothing is written, nothing marked."""
        running = self._store.running()
        for server in running.values():
            for victim in [*process.children(server.pid), server]:
                process.kill(victim)

    def stop_aws(self) -> None:
        """Stop the local AWS alone, in order: what it holds is written.

        Raises LocalRuntimeFault when it had to be killed, and what it held is lost.
        """
        with self._store.locked():
            self._stop({_AWS})
            deployed = self._store.deployed()
        if deployed is None or not deployed.clean:
            raise LocalRuntimeFault("MiniStack did not stop in order; run `make up`")

    def start_aws(self) -> None:
        """Start the local AWS again as it was stopped; nothing is deployed."""
        with self._store.locked():
            self._start_aws(self._known_instance(), self._toolchain.ministack())

    def workers(self) -> list[ProcessRef]:
        """Return the processes that run functions now; none while the local AWS is down."""
        server = self._store.running().get(_AWS)
        return [] if server is None else process.children(server.pid)

    def kill_postgres(self) -> None:
        """End the database alone, as a crash would."""
        self._postgres(self._known_instance()).kill()

    def stop_postgres(self) -> None:
        """Stop the database alone, in order."""
        self._postgres(self._known_instance()).stop()

    def start_postgres(self) -> None:
        """Start the database again; after a crash it recovers first."""
        server = self._postgres(self._known_instance()).start()
        self._started(_POSTGRES, server)

    def _up(self) -> StackAddress:
        with self._progress.step("Tools"), self._toolchain.alone():
            self._toolchain.cdk()
            interpreter = self._toolchain.ministack()
            self._toolchain.core_link()
            self._toolchain.deps_link()
            self._toolchain.science_link()
        instance = self._settle_instance()
        with self._progress.step("Postgres"):
            self._start(_POSTGRES, self._postgres(instance).start)
        self._settle_chain()
        if self._settings.helius_api_key is None:
            with self._progress.step("Upstream"):
                self._start_upstream(instance)
        with self._progress.step("Local AWS (MiniStack)"):
            self._start_aws(instance, interpreter)
        address = StackAddress(instance=instance, outputs=self._deploy(instance))
        with self._progress.step("The API answers"):
            concern = self._ask_health(address)
        if concern:
            self._progress.note(f"It is not well: {concern}")
        return address

    def _settle_instance(self) -> Instance:
        """Return the remembered addresses, or new ones where another program took a port."""
        instance = self._store.instance()
        if instance is not None and self._ports_are_ours(instance):
            return instance
        if any(self.running().values()):
            raise LocalRuntimeFault("part of the stack runs on ports it lost; run `make down`")
        aws_port, postgres_port, upstream_port = free_ports(3)
        if instance is None:
            # A database whose password is forgotten can be neither read nor used; without it the
            # objects and the deployment are nothing either.
            fresh = Instance(
                aws_port=aws_port,
                postgres_port=postgres_port,
                upstream_port=upstream_port,
                database_password=new_secret(),
                webhook_secret=new_secret(),
            )
            for leftover in self._leftovers():
                process.kill(leftover)
            self._postgres(fresh).wipe()
            self._ministack(fresh).wipe()
            self._store.keep_deployed(None)
        else:
            fresh = replace(
                instance,
                aws_port=aws_port,
                postgres_port=postgres_port,
                upstream_port=upstream_port,
            )
            # Queue and API addresses hold the port: what was deployed cannot be used elsewhere.
            self._store.keep_deployed(self._marked(clean=False))
        self._store.keep_instance(fresh)
        return fresh

    def _ports_are_ours(self, instance: Instance) -> bool:
        running = self.running()
        for leftover in self._leftovers():
            process.kill(leftover)
        ports = {
            _AWS: instance.aws_port,
            _POSTGRES: instance.postgres_port,
            _UPSTREAM: instance.upstream_port,
        }
        return all(running.get(name) or is_free(port) for name, port in ports.items())

    def _leftovers(self) -> list[ProcessRef]:
        """Return processes of this instance that no file of it names: their run was killed."""
        known = {server for server in self._store.running().values() if process.alive(server)}
        families = {child for server in known for child in process.children(server.pid)}
        found = {
            *process.mentioning(self._layout.root),
            *process.mentioning(self._layout.postgres),
        }
        return sorted(found - known - families, key=lambda server: server.pid)

    def _settle_chain(self) -> None:
        """Stop a stand-in that serves another chain than the one now asked for."""
        chain, before = upstream.describe(self._settings), self._store.chain()
        self._progress.note(f"Chain: {chain}")
        if before not in {None, chain}:
            self._progress.note(
                f"The facts stored so far come from: {before}. To start afresh: "
                "make down ARGS=--wipe"
            )
            if (server := self._store.running().get(_UPSTREAM)) is not None:
                process.stop(server, 5)
        self._store.keep_chain(chain)

    def _start_upstream(self, instance: Instance) -> None:
        log = self._layout.logs / "upstream.log"
        self._start(
            _UPSTREAM,
            partial(upstream.start, instance, self._settings, log, self._layout.root),
        )

    def _start_aws(self, instance: Instance, interpreter: Path) -> None:
        """Start the local AWS, with what an orderly stop left of it or with nothing."""
        if self.running().get(_AWS):
            return
        ministack, deployed = self._ministack(instance), self._store.deployed()
        ministack.sweep()
        whole = deployed is not None and deployed.clean and not deployed.behind
        if not whole:
            ministack.forget_state()
        if deployed is not None:
            # From here on the state on disk is old: only an orderly stop makes it whole again.
            self._store.keep_deployed(
                replace(deployed, clean=False)
                if whole
                else replace(deployed, inputs="", behind=True)
            )
        self._start(_AWS, partial(ministack.start, interpreter, self._settings))

    def _deploy(self, instance: Instance) -> dict[str, str]:
        deployment = Deployment(
            layout_=self._layout,
            instance=instance,
            upstream=upstream.choose(instance, self._settings),
            toolchain=self._toolchain,
            settings=self._settings,
        )
        client = partial(aws.client, instance)
        inputs = deployment.inputs()
        before = self._store.deployed()
        if before is not None and before.inputs == inputs:
            return dict(before.outputs)
        try:
            outputs = self._put(deployment, instance)
        except DeploymentRefused:
            if before is None or before.behind:
                raise
            self._progress.note("What stands cannot be changed into this; it is deployed anew.")
            self._start_anew(instance)
            before = self._store.deployed()
            outputs = self._put(deployment, instance)
        with self._progress.step("Migrations"):
            invoke(client, "job_migrate", {})
        if before is not None and before.behind:
            with self._progress.step("Project snapshots again from Postgres"):
                invoke(client, "job_sweep_pending", {"reproject": "all"})
        self._store.keep_deployed(Deployed(inputs=inputs, outputs=outputs))
        return outputs

    def _put(self, deployment: Deployment, instance: Instance) -> dict[str, str]:
        with self._progress.step("Deploy (cdk deploy --all)"):
            outputs = deployment.deploy(partial(aws.client, instance))
        self._give_objects_back(instance)
        return outputs

    def _start_anew(self, instance: Instance) -> None:
        """Start the local AWS again with nothing deployed on it, as after a power cut."""
        self._stop({_AWS})
        if (deployed := self._store.deployed()) is not None:
            self._store.keep_deployed(replace(deployed, clean=False))
        self._start_aws(instance, self._toolchain.ministack())

    def _ask_health(self, address: StackAddress) -> str:
        """Return what the API says is wrong with it, or nothing.

        Raises LocalRuntimeFault when it is no API of ours that answers.
        """
        log = self._ministack(address.instance).log
        try:
            answer = httpx.get(f"{address.api_url}/v1/health", timeout=60)
            body = answer.json()
        except (httpx.TransportError, ValueError) as fault:
            raise LocalRuntimeFault(f"the API does not answer: {fault}\n{log_tail(log)}") from fault
        if "components" not in body:
            raise LocalRuntimeFault(
                f"the API answers {answer.status_code} {answer.text[:500]}\n{log_tail(log)}"
            )
        return "" if answer.is_success else answer.text[:500]

    def _give_objects_back(self, instance: Instance) -> None:
        """Put the objects of a killed run into the bucket that the deployment just made."""
        ministack = self._ministack(instance)
        if not ministack.has_objects_aside():
            return
        with self._progress.step("Give S3 its objects back"):
            if not ministack.stop(self._store.running()[_AWS]):
                raise LocalRuntimeFault("MiniStack did not stop in order; run `make up` again")
            ministack.put_objects_back()
            interpreter = self._toolchain.ministack()
            self._started(_AWS, ministack.start(interpreter, self._settings))

    def _start(self, name: str, start: Callable[[], ProcessRef]) -> None:
        running = self._store.running()
        if name in running and process.alive(running[name]):
            return
        self._started(name, start())

    def _started(self, name: str, server: ProcessRef) -> None:
        self._store.keep_running(self._store.running() | {name: server})

    def _stop(self, names: set[str]) -> None:
        """Stop these servers, callers before what they call."""
        running, instance = self._store.running(), self._store.instance()
        if instance is None:
            return
        if _AWS in names:
            with self._progress.step("Stop the local AWS"):
                orderly = self._ministack(instance).stop(running[_AWS])
            if orderly and self._store.deployed() is not None:
                self._store.keep_deployed(self._marked(clean=True))
        if _UPSTREAM in names:
            with self._progress.step("Stop the upstream"):
                process.stop(running[_UPSTREAM], 5)
        if _POSTGRES in names:
            with self._progress.step("Stop Postgres"):
                self._postgres(instance).stop()
        self._store.keep_running(
            {name: server for name, server in running.items() if name not in names}
        )

    def _marked(self, *, clean: bool) -> Deployed | None:
        deployed = self._store.deployed()
        return None if deployed is None else replace(deployed, clean=clean)

    def _known_instance(self) -> Instance:
        instance = self._store.instance()
        if instance is None:
            raise LocalRuntimeFault("the stack was never up; run `make up`")
        return instance

    def _postgres(self, instance: Instance) -> PostgresServer:
        return PostgresServer(self._layout.postgres, self._layout.root, instance)

    def _ministack(self, instance: Instance) -> MiniStack:
        return MiniStack(self._layout.aws, self._layout.logs / "ministack.log", instance)


@contextmanager
def _signals_held() -> Iterator[None]:
    held = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, held)
