"""What all tests share: a Dagster home of their own, and the samples loaded once by the command."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from etl.cli import app

REPOSITORY = Path(__file__).parent.parent
SAMPLES = REPOSITORY / "seeds" / "cables"


@dataclass(frozen=True)
class Loaded:
    """A warehouse that was made by `cables ingest`, and what the command said."""

    warehouse: Path
    result: Result


@pytest.fixture(autouse=True, scope="session")
def _own_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests away from the repository's warehouse, inbox and Dagster history."""
    places = tmp_path_factory.mktemp("places")
    (places / "dagster").mkdir()
    (places / "dagster" / "dagster.yaml").write_bytes((REPOSITORY / "dagster.yaml").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(places / "dagster"))
        patch.setenv("CABLES_WAREHOUSE", str(places / "cables.duckdb"))
        patch.setenv("CABLES_INBOX", str(places / "inbox"))
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a Dagster home of the test's own, with the repository's settings."""
    (tmp_path / "dagster.yaml").write_bytes((REPOSITORY / "dagster.yaml").read_bytes())
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def run_cables(*arguments: str | Path) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """Load the sample telegrams once per test process. For reading only."""
    warehouse = tmp_path_factory.mktemp("samples") / "cables.duckdb"
    result = run_cables("ingest", SAMPLES, "--warehouse", warehouse)
    assert result.exit_code == 0, result.output
    return Loaded(warehouse, result)
