"""The bench of similarity, at a size that fits a test."""

from local.bench.similarity import Sizes, measure
from oof.app.compare_wallets import MAX_WALLETS


def test_what_is_measured_has_happened(postgres_dsn: str) -> None:
    """Vectors are stored, wallets compared, neighbours found and a vector worked out."""
    found = measure(postgres_dsn, Sizes(wallets=60, repeats=2, trades=60))

    assert len(found.vector_bytes) == 60
    assert max(found.vector_bytes) < 8_192
    assert set(found.compared_s) == {2, MAX_WALLETS}
    assert all(len(each) == 2 for each in found.compared_s.values())
    assert 0 < sum(found.database_s) < sum(found.compared_s[MAX_WALLETS])
    assert found.answer_bytes > 10_000
    assert len(found.embedded_s) == 5
