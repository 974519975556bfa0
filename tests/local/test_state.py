"""What an instance remembers, and who may work on it."""

import socket
from pathlib import Path

import pytest

from local.runtime import upstream
from local.runtime.faults import LocalRuntimeFault
from local.runtime.ports import free_ports, is_free
from local.runtime.process import ProcessRef
from local.runtime.settings import LocalSettings
from local.runtime.state import Deployed, Instance, InstanceStore, new_secret

INSTANCE = Instance(
    aws_port=1,
    postgres_port=2,
    upstream_port=3,
    database_password=new_secret(),
    webhook_secret=new_secret(),
)


def test_everything_remembered_is_read_back(tmp_path: Path):
    """Addresses, processes and the deployment survive the command that wrote them."""
    store, running = InstanceStore(tmp_path), {"aws": ProcessRef(pid=7, started="8")}
    deployed = Deployed(inputs="i", outputs={"a": "b"}, clean=True, behind=True)
    store.keep_instance(INSTANCE)
    store.keep_running(running)
    store.keep_deployed(deployed)

    again = InstanceStore(tmp_path)

    assert again.instance() == INSTANCE
    assert again.running() == running
    assert again.deployed() == deployed


def test_nothing_remembered_is_nothing(tmp_path: Path):
    """Before the first start there is no instance, no process, no deployment."""
    store = InstanceStore(tmp_path)

    assert store.instance() is None
    assert store.running() == {}
    assert store.deployed() is None


def test_a_file_cut_short_is_a_file_never_written(tmp_path: Path):
    """Half a file after a power cut does not stop the next start."""
    (tmp_path / "deployed.json").write_text('{"inputs": "i", "out')

    assert InstanceStore(tmp_path).deployed() is None


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path):
    """The database's password is nobody else's."""
    InstanceStore(tmp_path).keep_instance(INSTANCE)

    assert (tmp_path / "instance.json").stat().st_mode & 0o077 == 0


def test_two_commands_do_not_work_on_one_instance(tmp_path: Path):
    """The second is refused while the first holds it, and let in afterwards."""
    with (
        InstanceStore(tmp_path).locked(),
        pytest.raises(LocalRuntimeFault, match="another command"),
        InstanceStore(tmp_path).locked(),
    ):
        pass
    with InstanceStore(tmp_path).locked():
        pass


def test_an_instance_is_closed_to_others(tmp_path: Path):
    """Templates and logs quote secrets: nobody else looks into the folder."""
    with InstanceStore(tmp_path / "instance").locked():
        assert (tmp_path / "instance").stat().st_mode & 0o077 == 0


def test_a_key_means_the_real_provider():
    """With a Helius key the functions get its addresses and the key, else the stand-in's."""
    with_key = LocalSettings.from_env({"HELIUS_API_KEY": "k"})

    real = upstream.choose(INSTANCE, with_key)
    stand_in = upstream.choose(INSTANCE, LocalSettings.from_env({}))

    assert (real.rpc_url, real.api_key) == ("https://mainnet.helius-rpc.com", "k")
    assert (stand_in.rpc_url, stand_in.api_key) == ("http://127.0.0.1:3", "")


def test_ports_are_distinct_and_free():
    """Chosen ports differ, and a server could listen on each."""
    ports = free_ports(5)

    assert len(set(ports)) == 5
    assert all(is_free(port) for port in ports)


def test_a_port_in_use_is_not_free():
    """A port that another program listens on is seen as taken."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_servers_do_not_inherit_what_a_person_has_set():
    """A server's environment holds paths and trust, never a stray variable or a key."""
    settings = LocalSettings.from_env(
        {"PATH": "/bin", "HOME": "/h", "AWS_PROFILE": "work", "SSL_CERT_FILE": "/c",
         "OOF_STAGE": "prod"}
    )  # fmt: skip

    environment = settings.subprocess_env({"A": "1"})

    assert environment == {
        "PATH": "/bin", "HOME": "/h", "LANG": "C.UTF-8", "SSL_CERT_FILE": "/c", "A": "1"
    }  # fmt: skip


def test_installers_write_byte_code():
    """A machine that forbids byte code does not slow every later start."""
    settings = LocalSettings.from_env({"PYTHONDONTWRITEBYTECODE": "1", "UV_CACHE_DIR": "/u"})

    assert settings.installer_env("/tools") == {"UV_CACHE_DIR": "/u", "PATH": "/tools"}
