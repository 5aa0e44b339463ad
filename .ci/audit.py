"""Ask a database of known holes about every locked version: `python .ci/audit.py`.

Exit code 1 only where a hole is known. Without the tool, without a network or with a database that
answers for none of the packages it says so, within two minutes, and gives 0: a closed network must
not fail anybody's checks. Holes that cannot be closed by `make lock` yet are named, with the
reason, in `ACCEPTED`.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-tools.lock")
SECONDS = 120
ACCEPTED: dict[str, str] = {}
"""Ids of known holes that do not touch us → why."""


def main() -> int:
    """Run the audit, or read a report that it has made (for the tests)."""
    if len(sys.argv) > 1:
        return verdict(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    if importlib.util.find_spec("pip_audit") is None:
        return skipped("pip-audit is not installed")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip"]
        command += ["--progress-spinner", "off", "--timeout", "10", "--format", "json"]
        command += ["--output", str(report)]
        for lock in LOCKS:
            command += ["--requirement", str(ROOT / lock)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return skipped(f"no answer within {SECONDS} seconds")
        try:
            return verdict(json.loads(report.read_text("utf-8")))
        except (OSError, ValueError):
            last = (done.stderr.strip().splitlines() or ["no report"])[-1]
            return skipped(f"no database could be reached ({last[:200]})")


def verdict(report: dict[str, Any]) -> int:
    """Say what the report holds; 1 where a hole is known."""
    asked = report["dependencies"]
    # A proxy in between may know no package: pip-audit then finds nothing wrong, in nothing.
    answered = [each for each in asked if "skip_reason" not in each]
    if not answered:
        return skipped(f"the database that was reached knows none of {len(asked)} packages")
    holes = 0
    for each in answered:
        for hole in each["vulns"]:
            names = {hole["id"], *hole.get("aliases", [])}
            why = next((ACCEPTED[name] for name in names if name in ACCEPTED), None)
            mended = ", ".join(hole.get("fix_versions") or []) or "no version yet"
            words = f"accepted: {why}" if why else f"mended in {mended}"
            print(f"{each['name']} {each['version']}: {hole['id']}, {words}")
            holes += why is None
    print(
        f"audit: {len(answered)} of {len(asked)} locked versions looked up, {holes} holes"
        + ("; make lock takes newer versions" if holes else "")
    )
    return int(holes > 0)


def skipped(why: str) -> int:
    """Say that nothing was looked up."""
    print(f"audit skipped: {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
