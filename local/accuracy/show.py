"""The proof as tables on a console."""

from collections import Counter

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from local.accuracy.exactness import Exactness, Share
from local.accuracy.expectations import Expectation
from local.accuracy.peer import NAME, VERSION
from local.accuracy.planted import EXCUSED, PEERS, TOLD
from local.accuracy.proof import Proof
from local.accuracy.rules import RULES, Verdict
from local.accuracy.verdicts import TABLE, Review, Row, template

_MOST_STALE = 20
_COLOURS = {Verdict.OURS: "green", Verdict.BOTH: "cyan", Verdict.PEER: "red"}


def show(proof: Proof, console: Console) -> None:
    """Print every table of the proof."""
    for table in (
        _exactness(proof),
        _encodings(proof),
        _kinds(proof),
        _unknown(proof),
        _expectations(proof),
        _agreement(proof),
        _verdicts(proof),
        _by_hand(proof.review),
    ):
        console.print(table)
        console.print()


def show_problems(review: Review, console: Console) -> None:
    """Print what the verdict table lacks, as lines to fill in, and what of it is stale."""
    by_rule = Counter(found.rule.name for found in review.unjudged if found.rule is not None)
    for name, count in by_rule.items():
        console.print(f"[red]no verdict[/] {count} that rule {name} decides: --update writes them")
    for found in review.unjudged:
        if found.rule is None:
            console.print(f"[red]no verdict[/] and no rule: read it, then add to {TABLE.name}")
            console.print(template(found), soft_wrap=True, markup=False)
    for row in review.stale[:_MOST_STALE]:
        console.print(f"[red]stale[/] {row.source} {row.signature} ({row.rule or 'by hand'})")
        console.print(f"    ours   {row.ours}\n    theirs {row.theirs}", markup=False)
    if len(review.stale) > _MOST_STALE:
        console.print(f"… and {len(review.stale) - _MOST_STALE} more that are stale")


def show_verdicts(review: Review, console: Console) -> None:
    """Print every disagreement with its verdict."""
    table = _table("Every disagreement")
    for column in ("signature", "ours", "theirs", "verdict", "why"):
        table.add_column(column, overflow="fold")
    for row in sorted(review.judged, key=lambda row: (row.source, row.rule or "", row.signature)):
        table.add_row(row.signature[:12], row.ours, row.theirs, row.verdict, row.reason)
    console.print(table)


def show_planted(found: dict[str, Counter[str]], console: Console) -> None:
    """Print what became of planted mistakes."""
    table = _table(
        "Mistakes planted into our trades", "mistake", "planted", TOLD, PEERS, "excused by a rule"
    )
    for mistake, fates in found.items():
        told = (str(fates[fate]) for fate in (TOLD, PEERS, EXCUSED))
        table.add_row(mistake, str(fates.total()), *told)
    console.print(table)
    console.print()


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table


def _share(share: Share) -> str:
    return f"{share.unknown}/{share.rows}  {share.part:.2%}"


def _exact(wrong: int, of: int) -> str:
    return f"{(of - wrong) / of:.2%}" if of else "nothing compared"


def _exactness(proof: Proof) -> Table:
    table = _table(
        "Exactness of sums: for every owner and mint, the movements are the chain's own delta",
        "file",
        "transactions",
        "owners and mints",
        "exact",
        "checker's other findings",
        "unknown of movements",
        "unknown of signers' rows",
    )
    for file in (*proof.files, proof.total):
        if file.name == "all":
            table.add_section()
        table.add_row(*_exactness_row(file))
    return table


def _exactness_row(file: Exactness) -> tuple[str, ...]:
    return (
        file.name[-44:],
        f"{file.transactions:,}",
        f"{file.pairs:,}",
        _exact(file.wrong_sums, file.pairs),
        str(file.other_findings),
        _share(file.movements),
        _share(file.signers_rows),
    )


def _encodings(proof: Proof) -> Table:
    table = _table("Agreement of encodings", "signatures recorded more than once", "same", "share")
    compared, differing = proof.encodings
    same = compared - len(differing)
    table.add_row(str(compared), str(same), _exact(len(differing), compared))
    return table


def _kinds(proof: Proof) -> Table:
    table = _table("What movements are", "kind", "movements", "share")
    total = sum(proof.kinds.values())
    for kind, count in proof.kinds.most_common():
        table.add_row(kind, f"{count:,}", f"{count / total:.2%}")
    return table


def _unknown(proof: Proof) -> Table:
    table = _table("Classes of unknown movements", "class", "under program", "movements")
    for (what, program), count in proof.unknown_classes.most_common():
        table.add_row(what, program, str(count))
    if not proof.unknown_classes:
        table.add_row("none is left", "", "0")
    return table


def _expectations(proof: Proof) -> Table:
    table = _table(
        "Other projects' tests: their events are among ours, to the raw unit",
        "source",
        "transactions",
        "events",
        "ours too",
        "refuted by verdict",
        "ours is wrong",
        "no verdict",
        "say no amount",
    )
    for source in dict.fromkeys(each.source for each in proof.expectations):
        table.add_row(source, *_expectations_row(source, proof))
    return table


def _expectations_row(source: str, proof: Proof) -> tuple[str, ...]:
    own: list[Expectation] = [each for each in proof.expectations if each.source == source]
    judged = [row for row in proof.review.judged if row.source == source]
    wrong = sum(row.verdict == Verdict.PEER for row in judged)
    lacking = sum(found.source == source for found in proof.review.unjudged)
    return (
        str(len({each.signature for each in own})),
        str(sum(each.holds is not None for each in own)),
        str(sum(each.holds is True for each in own)),
        str(len(judged) - wrong),
        str(wrong),
        str(lacking),
        str(sum(each.holds is None for each in own)),
    )


def _agreement(proof: Proof) -> Table:
    every, succeeded = proof.agreement, proof.agreement_on_succeeded
    table = _table(
        f"{NAME} {VERSION}, over {len(proof.cases):,} signatures: agreement where either sees a"
        " trade",
        "same",
        f"of all ({every.compared})",
        f"of those that succeeded ({succeeded.compared})",
        "… or by its own legs",
    )
    for name, count in every.same.items():
        table.add_row(
            name,
            _counted(count, every.compared),
            _counted(succeeded.same[name], succeeded.compared),
            _counted(succeeded.same_by_legs[name], succeeded.compared),
        )
    return table


def _counted(same: int, of: int) -> str:
    return f"{same}  {_exact(of - same, of)}"


def _verdicts(proof: Proof) -> Table:
    review = proof.review
    judged = [row for row in review.judged if row.source == NAME]
    table = _table(f"Disagreements with {NAME}, by the rule that the transaction proves")
    for column in ("rule", "count", "right", "why"):
        table.add_column(column, overflow="fold")
    counted = Counter(row.rule for row in judged)
    for rule in RULES:
        if counted[rule.name]:
            table.add_row(
                rule.name, str(counted[rule.name]), _coloured(rule.verdict), escape(rule.reason)
            )
    table.add_section()
    for verdict in Verdict:
        count = sum(row.verdict is verdict for row in judged if row.rule is None)
        if count:
            table.add_row("read by a person", str(count), _coloured(verdict), "see below")
    table.add_section()
    table.add_row("the same answer", str(proof.agreement.same["all of it"]), "both", "")
    for verdict in Verdict:
        count = sum(row.verdict is verdict for row in judged)
        table.add_row("all that differ", str(count), _coloured(verdict), "")
    lacking = sum(found.source == NAME for found in review.unjudged)
    table.add_row("no verdict", str(lacking), "", "")
    return table


def _by_hand(review: Review) -> Table:
    table = _table("Verdicts given after reading the transaction")
    for column in ("signature", "source", "right", "ours, theirs, why"):
        table.add_column(column, overflow="fold")
    for row in review.judged:
        if row.rule is None:
            table.add_row(row.signature[:12], row.source, _coloured(row.verdict), _story(row))
    return table


def _story(row: Row) -> str:
    return escape(f"{row.ours}\n{row.theirs}\n{row.reason}")


def _coloured(verdict: Verdict) -> str:
    return f"[{_COLOURS[verdict]}]{verdict}[/]"
