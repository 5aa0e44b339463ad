"""The benchmark of the main job and its plot, on a few dozen telegrams."""

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks import floor, job, machine, plot
from benchmarks.corpus import write


def record(telegrams: int, seconds: float, **more: Any) -> dict[str, Any]:
    return {
        "date": "2026-11-22T00:00:00+00:00", "commit": "abc", "machine": "a machine",
        "dialect": "csv", "telegrams": telegrams, "job_seconds": seconds,
        "floor_seconds": seconds / 4, "peak_megabytes": 700,
    } | more  # fmt: skip


def test_the_floor_reads_every_row(tmp_path: Path) -> None:
    write("csv", 40, tmp_path / "rows.csv", jobs=1)
    for parallel in (True, False):
        out = tmp_path / f"{parallel}.duckdb"
        assert floor.load(str(tmp_path / "rows.csv"), str(out), parallel=parallel) == 40


def test_the_floor_goes_on_in_one_thread_where_the_parallel_reader_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measured(arguments: list[str]) -> machine.Run:
        (tmp_path / "floor.duckdb").touch()
        if arguments[-1] != "sequential":
            raise machine.Failed("CSV Error on Line: 9")
        return machine.Run(0.0, 2.5, 1, "40\n")

    monkeypatch.setattr(job, "measured", measured)
    figures = job.Figures()
    setting = job.Setting(tmp_path, 40)
    assert job._floor(setting, tmp_path / "rows.csv", figures) == 2.5
    assert not figures.floor_is_parallel
    with pytest.raises(machine.Failed, match="40 rows of 41"):
        job._floor(job.Setting(tmp_path, 41), tmp_path / "rows.csv", figures)


def test_memory_of_children_counts_and_failures_show_what_was_printed() -> None:
    child = "import time; held = bytearray(b'x' * 80_000_000); time.sleep(0.4)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    run = machine.measured(["-c", parent])
    assert run.peak_bytes > 80_000_000
    assert run.seconds > 0.4
    with pytest.raises(machine.Failed, match="no such thing"):
        machine.measured(["-c", "raise SystemExit('no such thing')"])


def test_the_machine_is_named() -> None:
    assert f"{len(os.sched_getaffinity(0))} cores" in machine.machine()
    assert machine.versions().keys() == {"python", "polars", "duckdb", "dagster"}


@pytest.mark.slow
def test_a_measurement_is_printed_and_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.jsonl"
    monkeypatch.setattr(job, "RESULTS", results)
    options = ["--telegrams", "60", "--rounds", "1", "--drop", "5", "--folder", str(tmp_path)]
    assert job.main([*options, "--record"]) == 0
    found = json.loads(results.read_text())
    assert found["telegrams"] == 60
    assert found["ratio"] == pytest.approx(found["job_seconds"] / found["floor_seconds"], rel=0.1)
    assert {"start-up", "parsed", "published_warehouse", "ending"} <= found["stages"].keys()
    assert sum(found["stages"].values()) == pytest.approx(found["job_seconds"], abs=0.3)
    assert found["drop"] == 5
    assert found["peak_megabytes"] > 100
    printed = capsys.readouterr().out
    assert "job / floor" in printed
    assert "5 more" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["results.jsonl"]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["pages", "archive"])
def test_other_dialects_have_no_floor(dialect: str, tmp_path: Path) -> None:
    setting = job.Setting(tmp_path, 30, dialect, rounds=1, drop=4)
    found = job.result(setting, job.measure(setting))
    assert found["floor_seconds"] is None
    assert found["ratio"] is None
    assert found["drop_seconds"] > 0
    assert "job / floor" not in job.report(found)


def test_the_plot_shows_the_newest_of_each_size_and_the_exponent(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    lines = [
        record(5_000, 99.0, date="2026-11-20T00:00:00+00:00"),
        record(20_000, 40.0),
        record(5_000, 10.0),
        record(10_000, 1.0, dialect="pages"),
    ]
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))
    out = tmp_path / "growth.svg"
    assert plot.main(["--results", str(results), "--out", str(out)]) == 0
    root = ElementTree.fromstring(out.read_text())
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "main job: N^1.00" in texts
    assert {"10", "40", "2.5"} <= set(texts)
    assert "99" not in texts


def test_a_plot_of_one_size_or_of_many_powers_of_ten_can_be_drawn() -> None:
    assert "N^" not in plot.draw([record(5_000, 3.0)])
    wide = plot.draw([record(10, 0.01), record(1_000_000, 5_000.0)])
    assert "main job: N^1.14" in wide
    assert plot.main(["--results", "nowhere.jsonl"]) == 1
