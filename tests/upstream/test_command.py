import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).resolve().parents[2]


def test_command_serves_on_loopback_until_terminated(tmp_path: Path) -> None:
    """It prints its port as one JSON line, answers there, keeps its state, ends on SIGTERM."""
    state = tmp_path / "chain.json"
    command = [sys.executable, "-m", "local.upstream", "--generated", "--state", str(state)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        started = json.loads(server.stdout.readline())
        try:
            call = {"jsonrpc": "2.0", "id": 1, "method": "getSlot"}
            answer = httpx.post(started["url"], json=call)
            described = httpx.get(f"{started['url']}/_control/chain").json()
        finally:
            server.send_signal(signal.SIGTERM)
            ended = server.wait(timeout=20)
    assert started["url"] == f"http://127.0.0.1:{started['port']}"
    assert answer.json()["result"] > 341_483_089
    assert {"veteran", "bot", "empty"} <= {row["role"] for row in described["wallets"]}
    assert json.loads(state.read_text())["appended"] == []
    assert ended in (0, -signal.SIGTERM)
