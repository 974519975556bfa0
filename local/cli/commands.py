"""The commands. Faults are one line on the error output, and a code other than zero."""

import sys
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.markup import escape

from local.cli.faults import CliFault
from local.runtime.faults import LocalRuntimeFault
from oof.domain.positions.lots import Method

app = typer.Typer(
    name="oof",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Wallet analytics for Solana, on this machine. Start with `make demo`.",
)

_MISUSED = 2
_WIDTH_OF_PIPES = 140
"""Columns where the output is no terminal, so that nothing is cut from a kept file."""


@app.command()
def wallet(
    address: Annotated[str, typer.Argument(help="the wallet's address, base58")],
    days: Annotated[
        int | None, typer.Option(help="also bring in so many days of history", min=1)
    ] = None,
    last: Annotated[int, typer.Option(help="transactions to show", min=1, max=200)] = 50,
    trades: Annotated[bool, typer.Option("--trades", help="show trades alone")] = False,
    api: Annotated[
        str | None, typer.Option(help="base address of another API than the running stack's")
    ] = None,
) -> None:
    """Open a wallet, watch it warm up, and show what it holds, came to and lived through."""
    from local.cli.api import WalletApi  # noqa: PLC0415 - --help must not wait for it
    from local.cli.wallet import show_wallet  # noqa: PLC0415

    show_wallet(
        WalletApi(api or _running_api()),
        address,
        progress=_errors(),
        out=_output(),
        days=days,
        limit=last,
        trades_only=trades,
    )


@app.command()
def similar(
    addresses: Annotated[
        list[str], typer.Argument(metavar="A B …", help="2 to 50 wallets that were opened")
    ],
    api: Annotated[
        str | None, typer.Option(help="base address of another API than the running stack's")
    ] = None,
) -> None:
    """Compare wallets: how alike they are, who follows whom, which tokens they share."""
    from local.cli.api import WalletApi  # noqa: PLC0415
    from local.cli.similar import show_similarity  # noqa: PLC0415

    show_similarity(_output(), WalletApi(api or _running_api()).similarity(addresses))


@app.command()
def normalize(
    files: Annotated[
        list[str], typer.Argument(help="JSON lines, plain or .zst; - is standard input")
    ],
) -> None:
    """Normalize raw transactions: one JSON line a transaction, in input order."""
    from local.cli.normalize import normalize_command  # noqa: PLC0415

    raise typer.Exit(normalize_command(files))


@app.command()
def positions(
    files: Annotated[
        list[str], typer.Argument(help="trades, or what normalize printed; - is standard input")
    ],
    prices: Annotated[
        str | None, typer.Option(help='lines of {"mint", "ts", "usd"}, for results in USD')
    ] = None,
    decimals: Annotated[
        str | None, typer.Option(help='lines of {"mint", "decimals"}, for other mints than SOL')
    ] = None,
    method: Annotated[Method, typer.Option(help="which lots an exit takes")] = Method.FIFO,
) -> None:
    """Match exits with lots: one JSON line an exit, then one an open lot."""
    from local.cli.positions import positions_command  # noqa: PLC0415

    raise typer.Exit(positions_command(files, method=method, prices=prices, decimals=decimals))


@app.command(name="tx")
def transaction(
    what: Annotated[
        str,
        typer.Argument(
            metavar="SIGNATURE|FILE",
            help="a signature, or JSON (lines), plain or .zst; - is standard input",
        ),
    ],
    line: Annotated[int | None, typer.Option(help="draw this line of the file", min=1)] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="leave no owner and no counterparty out")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="print what `normalize` would instead")
    ] = False,
    rpc: Annotated[
        str | None, typer.Option(help="address of another JSON-RPC than the running stack's")
    ] = None,
) -> None:
    """Draw a transaction: who gave and got what, trades, route, fees, anomalies."""
    from local.cli.transaction import show_transactions  # noqa: PLC0415

    draw = None if as_json else _output()
    raise typer.Exit(show_transactions(what, line=line, rpc=rpc, draw=draw, is_whole=everything))


@app.command()
def demo(
    address: Annotated[
        str | None, typer.Option("--wallet", help="another wallet of the chain")
    ] = None,
) -> None:
    """From nothing to a wallet's summary, holdings and latest trades."""
    from local.cli.demo import run_demo  # noqa: PLC0415

    run_demo(_errors(), _output(), address=address)


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(help="which ones; all when none")] = None,
) -> None:
    """Measure bytes, rates and money."""
    from local.bench import __main__ as benches  # noqa: PLC0415

    sys.argv = ["oof bench", *(names or [])]
    raise typer.Exit(benches.main())


@app.command()
def rotate_webhook_secret(
    stage: Annotated[
        str, typer.Option(help="another stage than the local one, with AWS's own credentials")
    ] = "local",
) -> None:
    """Change the value that webhook deliveries carry, without turning any away."""
    from local.cli.rotation import Rotation  # noqa: PLC0415

    _output().print(Rotation(_aws(stage, "stepfunctions"), stage).begin())


@app.command()
def report_outage(
    began_at: Annotated[str, typer.Argument(help="when events began to be lost, as ISO 8601")],
    ended_at: Annotated[str, typer.Argument(help="when they came again")],
    stage: Annotated[
        str, typer.Option(help="another stage than the local one, with AWS's own credentials")
    ] = "local",
) -> None:
    """Have every wallet listed that was not since webhooks lost events, in turns."""
    from local.cli.outage import report_outage as report  # noqa: PLC0415

    client = _aws(stage, "stepfunctions")
    _output().print(report(client, stage, began_at=began_at, ended_at=ended_at))


@app.command()
def favour(
    wallets: Annotated[list[str] | None, typer.Argument(help="addresses, base58")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="favour them no more")] = False,
    stage: Annotated[
        str, typer.Option(help="another stage than the local one, with AWS's own credentials")
    ] = "local",
) -> None:
    """Have wallets' whole history brought in by night; without any, show those that are."""
    from local.cli.favourites import favour as change  # noqa: PLC0415

    named = wallets or []
    added, removed = ([], named) if remove else (named, [])
    for each in change(_aws(stage, "lambda"), stage, add=added, remove=removed):
        _output().print(each)


@app.command()
def replay(
    wallet: Annotated[str, typer.Argument(help="the wallet's address, base58")],
    from_slot: Annotated[
        int, typer.Option(help="compare the ledger with what is stored from this slot on", min=0)
    ] = 0,
    stage: Annotated[
        str, typer.Option(help="another stage than the local one, with AWS's own credentials")
    ] = "local",
) -> None:
    """Build a wallet's state anew from its stored transactions."""
    from local.cli.rewriting import replay as begin  # noqa: PLC0415

    _output().print(begin(_aws(stage, "lambda"), stage, wallet, from_slot=from_slot))


@app.command()
def renormalize(
    again: Annotated[
        bool, typer.Option("--again", help="look again at all that is stored")
    ] = False,
    stage: Annotated[
        str, typer.Option(help="another stage than the local one, with AWS's own credentials")
    ] = "local",
) -> None:
    """Read all stored bodies with the present normalizer; cut off, call it again."""
    from local.cli.rewriting import renormalize as begin  # noqa: PLC0415

    for line in begin(_aws(stage, "lambda"), stage, again=again):
        _output().print(line)


@app.command()
def up() -> None:
    """Start the local stack and deploy the app on it."""
    _runtime("up")


@app.command()
def down(
    wipe: Annotated[bool, typer.Option("--wipe", help="delete all state too")] = False,
) -> None:
    """Stop the local stack; its state stays."""
    _runtime("down", *(["--wipe"] if wipe else []))


@app.command()
def status() -> None:
    """Show what runs, and where."""
    _runtime("status")


def main() -> int:
    """Run the command of this process's arguments; return its exit code."""
    try:
        code = app(sys.argv[1:] or ["--help"], prog_name="oof", standalone_mode=False)
    except typer.TyperException as fault:
        _complain(f"{str(fault).rstrip('.')}; see `./oof --help`")
        return _MISUSED
    except (CliFault, LocalRuntimeFault) as fault:
        _complain(str(fault))
        return 1
    except (typer.Abort, KeyboardInterrupt):
        return 130
    return int(code or 0)


def _complain(message: str) -> None:
    _errors().print(f"[red]oof:[/] {escape(message)}", soft_wrap=True)


def _running_api() -> str:
    from local.runtime.stack import Stack  # noqa: PLC0415

    address = Stack().address()
    if address is None:
        raise CliFault("the stack is not up; run `make up` (or `make demo`) first")
    return address.api_url


def _aws(stage: str, service: Literal["lambda", "stepfunctions"]) -> Any:
    """A client of one of a stage's services."""
    if stage != "local":
        import boto3  # noqa: PLC0415

        return boto3.client(service)
    from local.runtime.stack import Stack  # noqa: PLC0415

    address = Stack().address()
    if address is None:
        raise CliFault("the stack is not up; run `make up` (or `make demo`) first")
    return address.aws(service)


def _runtime(*arguments: str) -> None:
    from local.runtime import __main__ as runtime  # noqa: PLC0415

    sys.argv = ["oof", *arguments]
    raise typer.Exit(runtime.main())


def _output() -> Console:
    return _console(stderr=False)


def _errors() -> Console:
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _WIDTH_OF_PIPES)
    return console
