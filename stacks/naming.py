"""Names of deployed things: one prefix a stage."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Names within one stage."""

    stage: str

    def resource(self, name: str) -> str:
        """The physical name of a resource."""
        return f"oof-{self.stage}-{name}"

    def stack(self, name: str) -> str:
        """The name of a stack."""
        return f"Oof{name}-{self.stage}"


def camel(name: str) -> str:
    """`step_plan_backfill`, `ingest-apply.fifo` → `StepPlanBackfill`, `IngestApplyFifo`."""
    words = name.replace("_", " ").replace("-", " ").replace(".", " ").split()
    return "".join(word.capitalize() for word in words)
