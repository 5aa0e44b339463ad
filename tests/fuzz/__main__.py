"""Fuzz the readers and the parser for a while: `python -m tests.fuzz --seconds 300 [TARGET…]`.

Each target gets an equal part of the time: half of it broken samples (hypothesis), half whatever
bytes reach new branches (atheris, where it is installed). What breaks a promise is put into
`tests/fuzz/cases/<target>`, which the tests run from then on; the exit code is 1 then.
"""

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

CASES = Path(__file__).parent / "cases"
BATCH = 60
"""Texts that are parsed at once: the parser's cost of a batch is that of some hundred texts."""

_INPUT_BYTES = 64 * 1024
_INPUT_SECONDS = 20
"""An input that takes longer counts as one that never ends."""
_SLOW_SECONDS = 3
"""For some kilobytes, on a busy machine."""
_MEMORY_MIB = 4096


def main() -> int:
    """Run the command."""
    arguments = argparse.ArgumentParser(prog="make fuzz")
    arguments.add_argument("targets", nargs="*", metavar="TARGET")
    arguments.add_argument("--seconds", type=float, default=300, help="in all")
    arguments.add_argument("--any-bytes", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.any_bytes:
        _run_atheris(given.targets[0], int(given.seconds))
    from tests.fuzz.targets import TARGETS

    if unknown := set(given.targets) - set(TARGETS):
        arguments.error(f"no such target: {', '.join(sorted(unknown))}")
    targets = given.targets or list(TARGETS)
    has_atheris = importlib.util.find_spec("atheris") is not None
    if not has_atheris:
        print("atheris is not installed: broken samples only")
    before, failed = set(CASES.rglob("*")), False
    for name in targets:
        seconds = given.seconds / len(targets) / (2 if has_atheris else 1)
        _broken_samples(name, seconds)
        if has_atheris:
            failed |= not _any_bytes(name, seconds)
    finds = sorted(path for path in set(CASES.rglob("*")) - before if path.is_file())
    for path in finds:
        print(f"found: {path.relative_to(CASES.parent)}")
    return int(failed or bool(finds))


def _broken_samples(name: str, seconds: float) -> None:
    """Give a target broken samples for so long."""
    started = time.monotonic()
    test, guarded = _on_broken_samples(name, until=started + seconds)
    while time.monotonic() < started + seconds:
        test()
    took = time.monotonic() - started
    print(f"{name}: {guarded.count:,} broken samples in {took:.0f} s", flush=True)


def _on_broken_samples(
    name: str, *, until: float = float("inf")
) -> "tuple[Callable[[], None], Guarded]":
    """Make a hypothesis test of a target, which does nothing after `until` (monotonic seconds)."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import strategies as st

    from tests.fuzz.mutations import STRATEGIES

    guarded = Guarded(name)
    size = BATCH if name == "telegram" else 1

    @settings(
        max_examples=20 if name == "telegram" else 500,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STRATEGIES[name], min_size=size, max_size=size))
    def some(batch: list[bytes]) -> None:
        if time.monotonic() < until:
            guarded(batch)

    return some, guarded


class Guarded:
    """A target that keeps what breaks it, one input for each place in the code, and goes on."""

    def __init__(self, name: str) -> None:
        """Take the target's name."""
        from tests.fuzz import targets

        self.name = name
        self.count = 0
        self._one = targets.TARGETS[name]
        self._between = targets.BETWEEN if name == "telegram" else None
        self._places: set[str] = set()

    def __call__(self, batch: Sequence[bytes]) -> None:
        """Run the target on each input."""
        self.count += len(batch)
        if self._between is None:
            self._broken_by(batch)
            return
        together = self._between.join(batch)
        error = self._fails(together)
        # One text of the batch did it; if none does by itself, it takes the neighbours.
        if error and not self._broken_by(batch):
            self._keep(together, error)

    def _broken_by(self, batch: Sequence[bytes]) -> bool:
        found = False
        for data in batch:
            if error := self._fails(data):
                self._keep(data, error)
                found = True
        return found

    def _fails(self, data: bytes) -> Exception | None:
        # Of the processor: on a busy machine anything may take long by the clock.
        started = time.process_time()
        try:
            self._one(data)
            if time.process_time() > started + _SLOW_SECONDS:
                raise TimeoutError(f"takes more than {_SLOW_SECONDS} seconds of the processor")
        except Exception as error:
            return error
        return None

    def _keep(self, data: bytes, error: Exception) -> None:
        steps = traceback.extract_tb(error.__traceback__)
        own = [step for step in steps if "/site-packages/" not in step.filename][-1]
        place = f"{type(error).__name__} at {Path(own.filename).name}:{own.lineno}"
        if place in self._places:
            return
        self._places.add(place)
        folder = CASES / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / sha256(data).hexdigest()[:16]).write_bytes(data)
        print(f"{self.name}: {place}: {str(error)[:300]}", flush=True)


def _any_bytes(name: str, seconds: float) -> bool:
    """Let atheris look for bytes that reach new branches of a target, in a process of its own.

    Tells whether it ran to its end.
    """
    command = [sys.executable, "-m", "tests.fuzz", name, "--seconds", str(int(seconds))]
    done = subprocess.run([*command, "--any-bytes"], capture_output=True, text=True, check=False)
    print(done.stdout, end="")
    runs = re.search(r"number_of_executed_units:\s+(\d+)", done.stderr)
    reached = re.findall(r"cov: (\d+)", done.stderr)
    if runs is None or done.returncode:
        print(f"{done.stderr[-3000:]}\n{name}: atheris has ended with {done.returncode}")
    inputs = int(runs[1]) * (BATCH if name == "telegram" else 1) if runs else 0
    print(f"{name}: {inputs:,} inputs of atheris, {(reached or ['0'])[-1]} branches", flush=True)
    return runs is not None and not done.returncode


def _run_atheris(name: str, seconds: int) -> None:
    """Run atheris; it ends the process."""
    import atheris

    with atheris.instrument_imports(include=["etl"]):
        from tests.fuzz.mutations import samples
        from tests.fuzz.targets import TARGETS  # noqa: F401  # what is instrumented

    corpus = Path(tempfile.mkdtemp(prefix="fuzz-corpus-"))
    for data in samples():
        (corpus / sha256(data).hexdigest()).write_bytes(data)
    found = CASES / name
    if name == "telegram":
        # What hypothesis makes of such bytes is no text; the texts are kept as they fail.
        found = Path(tempfile.mkdtemp(prefix="fuzz-"))
        test, _ = _on_broken_samples(name)
        run = test.hypothesis.fuzz_one_input  # type: ignore[attr-defined]
    else:
        guarded = Guarded(name)

        def run(data: bytes) -> None:
            guarded([data])

    found.mkdir(parents=True, exist_ok=True)
    atheris.Setup(
        [
            "fuzz",
            str(corpus),
            f"-max_total_time={seconds}",
            f"-max_len={_INPUT_BYTES}",
            f"-timeout={_INPUT_SECONDS}",
            f"-rss_limit_mb={_MEMORY_MIB}",
            f"-artifact_prefix={found}/",
            "-print_final_stats=1",
        ],
        run,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
