"""The local stack: a local AWS, Postgres and the provider, with the CDK app deployed on them.

`python -m local.runtime up | down | status` for people. For programs:

    from local.runtime import Stack, running_stack

    Stack().up()                       # the checkout's own stack, up and deployed → StackAddress
    Stack().address()                  # → StackAddress, or None when it is not up

    # One of its own, deleted at the end:
    with running_stack(root=tmp_path, chain_dir=...) as stack:
        stack.api_url, stack.ingest_url, stack.upstream_url, stack.database_dsn
        stack.aws("sqs")                     # a boto3 client
        stack.invoke("job_sweep_pending", {})
        stack.stop_postgres(); stack.start_postgres(); stack.kill_postgres()
        stack.kill(); stack.up()             # everything, as a power cut would; and back
"""

from local.runtime.faults import LocalRuntimeFault
from local.runtime.stack import Stack, StackAddress
from local.runtime.throwaway import RunningStack, running_stack

__all__ = ["LocalRuntimeFault", "RunningStack", "Stack", "StackAddress", "running_stack"]
