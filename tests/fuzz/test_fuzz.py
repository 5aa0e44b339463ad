"""What fuzzing has found stays found; and a short round of it with every run of the tests."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import BROKEN_TEXTS, STRATEGIES, samples
from tests.fuzz.targets import TARGETS, telegrams

CASES = sorted(path for path in (Path(__file__).parent / "cases").rglob("*") if path.is_file())
BRIEFLY = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_found_stays_mended(case: Path) -> None:
    TARGETS[case.parent.name](case.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_samples_keep_every_promise(name: str) -> None:
    if name == "telegram":
        telegrams(samples())
    else:
        for data in samples():
            TARGETS[name](data)


@pytest.mark.parametrize("name", sorted(TARGETS.keys() - {"telegram"}))
def test_broken_samples_keep_every_promise(name: str) -> None:
    @BRIEFLY
    @given(STRATEGIES[name])
    def some(data: bytes) -> None:
        TARGETS[name](data)

    some()


@settings(BRIEFLY, max_examples=3)
@given(st.lists(BROKEN_TEXTS, min_size=20, max_size=20))
def test_broken_telegrams_keep_every_promise(batch: list[bytes]) -> None:
    telegrams(batch)
