"""Waiting for a wallet to warm up, and showing how far it is."""

import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from local.cli.api import WalletApi
from local.cli.faults import CliFault

_WARM = frozenset({"UNSEEN", "WARMING_UP"})
_NOT_SERVED = frozenset({"REFUSED", "TOO_ACTIVE"})
_ENDED = frozenset({"succeeded", "partial", "failed", "cancelled"})
_POLL_S = 0.25
_PATIENCE_S = 300.0
_COUNTING_S = 20.0
_PRICING_S = 60.0


class Watcher:
    """Opens wallets and waits for them."""

    def __init__(
        self,
        api: WalletApi,
        console: Console,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api = api
        self._console = console
        self._sleep = sleep
        self._clock = clock

    def open(self, address: str) -> dict[str, Any]:
        """Return the wallet's summary once it is warm, opening it first where nobody did.

        Raises CliFault when its opening failed, or nothing happens for minutes.
        """
        summary = self._api.summary(address)
        if summary["state"] in _WARM:
            with self._progress() as progress:
                summary = self._until_warm(address, summary, progress)
        if summary["state"] in _NOT_SERVED:
            raise CliFault(f"this wallet is not followed: {_words(summary['state'])}")
        return summary

    def deepen(self, address: str, days: int) -> dict[str, Any]:
        """Bring in older history, and return the summary after it."""
        job = self._api.backfill(address, days)
        with self._progress() as progress:
            task = progress.add_task(f"history, {days} days", total=None, signatures="0")
            self._until_ended(job, lambda seen: _show(progress, task, seen))
        return self._api.summary(address)

    def counted(self, address: str, summary: dict[str, Any]) -> dict[str, Any]:
        """Return the summary once its positions count all that is applied, or patience ends.

        What lies far back may wait for the end of somebody else's chunk: that is not waited for.
        """
        deadline = self._clock() + _COUNTING_S
        while summary["positions"]["folding"] and self._clock() < deadline:
            self._sleep(_POLL_S)
            summary = self._api.summary(address)
        return summary

    def priced(self, address: str, summary: dict[str, Any]) -> dict[str, Any]:
        """Return the summary once all is told in dollars that will be, or patience ends."""
        deadline = self._clock() + _PRICING_S
        with self._console.status("waiting for prices") as status:
            while (waiting := _waiting(summary)) and self._clock() < deadline:
                status.update(f"waiting for prices: {waiting}")
                self._sleep(_POLL_S)
                summary = self._api.summary(address)
        return summary

    def _until_warm(
        self, address: str, summary: dict[str, Any], progress: Progress
    ) -> dict[str, Any]:
        task = progress.add_task("opening", total=None, signatures="0")
        job = summary["job"]
        if job is not None:
            self._until_ended(self._api.job(job["id"]), lambda seen: _show(progress, task, seen))
        deadline = self._clock() + _PATIENCE_S
        while (summary := self._api.summary(address))["state"] in _WARM:
            error = summary["last_error"]
            if error is not None and error["retry_at"] is None:
                raise CliFault(f"the wallet could not be opened: {error['code']}")
            if self._clock() > deadline:
                raise CliFault("nothing happened for five minutes; see `.build/local/main/logs`")
            progress.update(task, description="applying", signatures=summary["tx_counts"]["all"])
            self._sleep(_POLL_S)
        return summary

    def _until_ended(self, job: dict[str, Any], show: Callable[[dict[str, Any]], None]) -> None:
        last, since = "", self._clock()
        while True:
            show(job)
            if job["status"] in _ENDED:
                break
            if job["updated_at"] != last:
                last, since = job["updated_at"], self._clock()
            if self._clock() - since > _PATIENCE_S:
                raise CliFault("nothing happened for five minutes; see `.build/local/main/logs`")
            self._sleep(_POLL_S)
            job = self._api.job(job["id"])
        if job["status"] == "failed":
            reason = job["reason"] or "no reason given"
            raise CliFault(f"{_words(job['kind'])} failed: {_words(reason)}")

    def _progress(self) -> Progress:
        return Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=32),
            TextColumn("{task.fields[signatures]} signatures"),
            TimeElapsedColumn(),
            console=self._console,
            transient=not self._console.is_terminal,
        )


def _waiting(summary: dict[str, Any]) -> str:
    """What is in no profit as yet, though it may be soon; empty where nothing is."""
    left_out = summary["pnl"]["left_out"]
    if tokens := left_out["unvalued_tokens"]:
        return f"{tokens:,} tokens to be valued"
    return f"{left_out['pending_exits']:,} sales" if left_out["pending_exits"] else ""


def _words(code: str) -> str:
    return code.lower().replace("_", " ")


def _show(progress: Progress, task: Any, job: dict[str, Any]) -> None:
    told = job["progress"]
    done, whole = told["done"], told["total"] or told["expected"]
    if job["status"] in _ENDED:
        whole = done
    known = f"{done:,}"
    if whole and whole != done:
        known += f" of {whole:,}" if told["total"] else f" of about {whole:,}"
    progress.update(
        task, description=job["status"], completed=done, total=whole or None, signatures=known
    )
