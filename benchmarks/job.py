"""The whole main job against the floor: DuckDB alone reading the same CSV into one plain table.

    python -m benchmarks.job [--telegrams 5000] [--dialect csv] [--rounds 3] [--record]

Both run as whole processes and take turns, so that a busy machine slows both. The job is what
users run, `cables ingest FOLDER`, on made-up telegrams (`benchmarks.corpus`), into a new warehouse
each time. Then, on the last of these warehouses: a run with nothing new, and one with some
telegrams more. Figures are medians of the rounds. `--record` appends them to `results.jsonl`.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import dagster as dg
import duckdb

from benchmarks.corpus import DIALECTS
from benchmarks.machine import Failed, Run, commit, machine, measured, versions

RESULTS = Path(__file__).with_name("results.jsonl")
SMALL_SHARE = 0.02
"""Stages that take less of a run are shown together."""


@dataclass(frozen=True)
class Setting:
    """What is measured, and where its files go."""

    folder: Path
    telegrams: int
    dialect: str = "csv"
    rounds: int = 3
    drop: int = 100
    seed: int = 1

    @property
    def sources(self) -> Path:
        """Folder that the job reads."""
        return self.folder / "sources"

    def warehouse(self, number: int) -> Path:
        """Warehouse file of a round, in a folder of its own."""
        return self.folder / f"round{number}" / "cables.duckdb"


@dataclass
class Figures:
    """What a measurement found; lists hold one value per round."""

    megabytes: float = 0.0
    floor_is_parallel: bool = True
    floor: list[float] = field(default_factory=list)
    job: list[float] = field(default_factory=list)
    peak: list[int] = field(default_factory=list)
    stages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    nothing_new: list[float] = field(default_factory=list)
    dropped: list[float] = field(default_factory=list)
    warehouse_megabytes: float = 0.0


def measure(setting: Setting) -> Figures:
    """Make the telegrams, then measure floor, job and incremental runs."""
    figures = Figures()
    _make(setting, 0, setting.telegrams, "telegrams")
    csv = setting.sources / "telegrams.csv"
    figures.megabytes = _bytes(setting.sources) / 1e6
    number = 0
    for number in range(1, setting.rounds + 1):
        if number > 1:
            shutil.rmtree(setting.warehouse(number - 1).parent)
        if setting.dialect == "csv":
            seconds = _floor(setting, csv, figures)
            figures.floor.append(seconds)
            _say(f"round {number}: floor {figures.floor[-1]:.2f} s")
        run = _ingest(setting, number)
        figures.job.append(run.seconds)
        figures.peak.append(run.peak_bytes)
        for stage, seconds in stages(setting, number, run).items():
            figures.stages[stage].append(seconds)
        _say(f"round {number}: job {run.seconds:.2f} s, {run.peak_bytes / 1e6:,.0f} MB at most")
    held = _held(setting.warehouse(number))
    if held != setting.telegrams:
        raise Failed(f"{setting.telegrams:,} documents were made, but {held:,} were read")
    figures.warehouse_megabytes = setting.warehouse(number).stat().st_size / 1e6
    begin = setting.telegrams
    for turn in range(setting.rounds if setting.drop else 0):
        figures.nothing_new.append(_ingest(setting, number).seconds)
        _make(setting, begin, setting.drop, f"drop{turn}")
        figures.dropped.append(_ingest(setting, number).seconds)
        begin += setting.drop
        _say(
            f"round {turn + 1}: nothing new {figures.nothing_new[-1]:.2f} s, "
            f"{setting.drop:,} more {figures.dropped[-1]:.2f} s"
        )
    return figures


def _make(setting: Setting, start: int, count: int, name: str) -> None:
    """Make telegrams, in a process of its own: the pool of clauses is no memory of the job's."""
    out = setting.sources / f"{name}.csv" if setting.dialect == "csv" else setting.sources
    options = ["--start", str(start), "--seed", str(setting.seed)]
    measured(["-m", "benchmarks.corpus", setting.dialect, str(count), str(out), *options])


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _floor(setting: Setting, csv: Path, figures: Figures) -> float:
    """Time the floor: the parallel reader or, once that has failed, the other one."""
    out = setting.folder / "floor.duckdb"
    while True:
        out.unlink(missing_ok=True)
        options = [] if figures.floor_is_parallel else ["sequential"]
        try:
            run = measured(["-m", "benchmarks.floor", str(csv), str(out), *options])
        except Failed:
            rows = "no"
            if options:
                raise
        else:
            rows = run.output.strip()
            if rows == str(setting.telegrams):
                out.unlink()
                return run.seconds
            if options:
                raise Failed(f"the floor read {rows} rows of {setting.telegrams:,}")
        _say(f"DuckDB's parallel reader read {rows} rows of {setting.telegrams:,}; one thread then")
        figures.floor_is_parallel = False


def _ingest(setting: Setting, number: int) -> Run:
    warehouse = setting.warehouse(number)
    home = warehouse.parent / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    return measured(
        ["-m", "etl.cli", "ingest", str(setting.sources), "--warehouse", str(warehouse)],
        {"DAGSTER_HOME": str(home)},
    )


def _held(warehouse: Path) -> int:
    """Give the documents that were read and not rejected."""
    with closing(duckdb.connect(str(warehouse), read_only=True)) as con:
        [(count,)] = con.execute(
            "SELECT count(*) FROM fact_ingest WHERE outcome <> 'rejected'"
        ).fetchall()
    return int(count)


def stages(setting: Setting, number: int, run: Run) -> dict[str, float]:
    """Give the seconds of each step of the newest run, from Dagster's own record.

    `start-up` is what came before the first step, `ending` what came after the last, and `between
    steps` the rest: together they make the process's time, unless steps run at the same time.
    """
    home = setting.warehouse(number).parent / "dagster"
    os.environ["DAGSTER_HOME"] = str(home)  # the event log lies where it says
    with dg.DagsterInstance.from_config(str(home)) as instance:
        [record] = instance.get_run_records(limit=1)
        steps = instance.get_run_step_stats(record.dagster_run.run_id)
    timed = sorted(
        (step.start_time, step.end_time, step.step_key)
        for step in steps
        if step.start_time and step.end_time
    )
    found = {"start-up": timed[0][0] - run.began}
    found |= {key: end - begin for begin, end, key in timed}
    last = max(end for _, end, _ in timed)
    found["between steps"] = max(last - timed[0][0] - sum(e - b for b, e, _ in timed), 0.0)
    found["ending"] = run.began + run.seconds - last
    return found


def result(setting: Setting, figures: Figures) -> dict[str, Any]:
    """Give the measurement as one record: medians, rounded to what the clock can tell."""
    job = median(figures.job)
    floor = median(figures.floor) if figures.floor else None
    # Of each round by itself: what slows the machine for a while slows both.
    ratios = [job / floor for job, floor in zip(figures.job, figures.floor, strict=False)]
    found: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        **versions(),
        "machine": machine(),
        "dialect": setting.dialect,
        "telegrams": setting.telegrams,
        "megabytes": round(figures.megabytes, 1),
        "rounds": setting.rounds,
        "floor_seconds": floor and round(floor, 2),
        "floor_reader": floor and ("parallel" if figures.floor_is_parallel else "sequential"),
        "job_seconds": round(job, 2),
        "ratio": round(median(ratios), 2) if ratios else None,
        "megabytes_per_second": round(figures.megabytes / job, 2),
        "peak_megabytes": round(max(figures.peak) / 1e6),
        "warehouse_megabytes": round(figures.warehouse_megabytes, 1),
        "stages": {name: round(median(times), 2) for name, times in figures.stages.items()},
    }
    if figures.dropped:
        nothing, dropped = median(figures.nothing_new), median(figures.dropped)
        found |= {
            "nothing_new_seconds": round(nothing, 2),
            "nothing_new_share": round(nothing / job, 3),
            "drop": setting.drop,
            "drop_seconds": round(dropped, 2),
            "drop_share": round(dropped / job, 3),
        }
    return found


def report(found: dict[str, Any]) -> str:
    """Give a measurement in words, for a person."""
    job = found["job_seconds"]
    lines = [
        f"{found['telegrams']:,} telegrams ({found['dialect']}), {found['megabytes']:,.1f} MB, "
        f"median of {found['rounds']} rounds",
        f"commit {found['commit']}, Python {found['python']}, Polars {found['polars']}, "
        f"DuckDB {found['duckdb']}, Dagster {found['dagster']}",
        found["machine"],
        "",
    ]
    if found["floor_seconds"]:
        seconds, reader = found["floor_seconds"], found["floor_reader"]
        lines.append(f"{'floor: DuckDB alone':<26}{seconds:>9.2f} s   {reader} CSV reader")
    lines.append(
        f"{'main job':<26}{job:>9.2f} s   {found['megabytes_per_second']:.1f} MB/s, "
        f"{found['peak_megabytes']:,} MB of memory at most, "
        f"warehouse {found['warehouse_megabytes']:,.1f} MB"
    )
    if found["ratio"]:
        lines.append(f"{'job / floor':<26}{found['ratio']:>9.2f}")
    if "drop" in found:
        for name, key in (("nothing new", "nothing_new"), (f"{found['drop']:,} more", "drop")):
            seconds, share = found[f"{key}_seconds"], found[f"{key}_share"]
            lines.append(f"{name:<26}{seconds:>9.2f} s   {share:.1%} of the full run")
    lines += ["", f"{'stage':<26}{'seconds':>9}{'share':>9}"]
    small = {
        name: seconds for name, seconds in found["stages"].items() if seconds < SMALL_SHARE * job
    }
    for name, seconds in found["stages"].items():
        if name not in small:
            lines.append(f"{name:<26}{seconds:>9.2f}{seconds / job:>9.1%}")
    if small:
        total = sum(small.values())
        lines.append(f"{f'{len(small)} small ones':<26}{total:>9.2f}{total / job:>9.1%}")
    return "\n".join(lines)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, record; give the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.job", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--telegrams", type=int, default=5_000, help="how many (default: 5000)")
    parser.add_argument("--dialect", choices=DIALECTS, default="csv", help="default: csv")
    parser.add_argument("--rounds", type=int, default=3, help="measured rounds (default: 3)")
    parser.add_argument(
        "--drop",
        type=int,
        help="telegrams of a later drop (default: 100; 1,000 from 100,000 telegrams on); "
        "0 leaves the incremental runs out",
    )
    parser.add_argument("--seed", type=int, default=1, help="seed of the telegrams (default: 1)")
    parser.add_argument(
        "--folder", type=Path, help="where the files go; 4 times the CSV (default: temporary)"
    )
    parser.add_argument("--record", action="store_true", help=f"append to {RESULTS.name}")
    given = parser.parse_args(arguments)
    drop = given.drop
    if drop is None:
        drop = 1_000 if given.telegrams >= 100_000 else 100
    with tempfile.TemporaryDirectory(prefix="cables-bench-", dir=given.folder) as folder:
        setting = Setting(
            Path(folder), given.telegrams, given.dialect, given.rounds, drop, given.seed
        )
        try:
            found = result(setting, measure(setting))
        except Failed as problem:
            print(problem, file=sys.stderr)
            return 1
    print(report(found))
    if given.record:
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
