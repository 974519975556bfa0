"""Runs the app as the command line does, into a folder of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from stacks.settings import ROOT

LOCAL_CONTEXT = {
    "stage": "local",
    "database_dsn": "postgresql://oof@127.0.0.1:5432/oof",
    "upstream_rpc_url": "http://127.0.0.1:8899",
    "upstream_api_url": "http://127.0.0.1:8899",
    "webhook_secret": "sent-by-the-local-upstream",
}
PROD_CONTEXT = {"stage": "prod", "public_without_auth": "true"}


def run_app(context: Mapping[str, str], output: Path) -> subprocess.CompletedProcess[str]:
    """`python app.py` with this context, its templates below `output`."""
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={
            **os.environ,
            "CDK_CONTEXT_JSON": json.dumps(context),
            "CDK_OUTDIR": str(output),
            "CDK_VALIDATION": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
