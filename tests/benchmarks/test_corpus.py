"""The made-up telegrams: each the same whoever makes it, like the release, read as meant."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl
import pytest

from benchmarks.corpus import Telegram, archive_telegram, places, telegram, write
from benchmarks.corpus.__main__ import main
from etl.extract import read_sources
from etl.parse import parse

SAMPLE = 300
START = 20_000
"""Far enough from 0 for references to telegrams that are there already."""


class Read:
    """A sample in one dialect: what was meant, and what reader and parser found."""

    def __init__(self, dialect: str, folder: Path) -> None:
        """Write the sample, read it and parse it."""
        out = folder / ("sample.csv" if dialect == "csv" else "sample")
        write(dialect, SAMPLE, out, start=START, jobs=1)
        make = archive_telegram if dialect == "archive" else telegram
        made = [make(1, number) for number in range(START, START + SAMPLE)]
        self.documents = pl.concat(list(read_sources([str(out)])))
        assert self.documents["reject_reason"].drop_nulls().to_list() == []
        assert self.documents.height == SAMPLE
        self.frames = parse(self.documents)
        self._meant: dict[str, Telegram] = {telegram.published_id: telegram for telegram in made}
        self._headers = {
            row["document_key"]: row for row in self.frames["headers"].iter_rows(named=True)
        }

    def pairs(self, trap: str) -> Iterator[tuple[Telegram, dict[str, Any], int]]:
        """Give what was meant and the header found, but where this trap is set."""
        for key, printed in self.documents.select("document_key", "published_id").iter_rows():
            meant = self._meant[printed]
            if trap not in meant.traps and "text" not in meant.traps:
                yield meant, self._headers[key], key

    def listed(self, frame: str, column: str) -> dict[int, list[Any]]:
        """Give the values of a frame in order, by document."""
        found: dict[int, list[Any]] = {}
        rows = self.frames[frame].sort("document_key", "position")
        for key, value in rows.select("document_key", column).iter_rows():
            found.setdefault(key, []).append(value)
        return found


@pytest.fixture(scope="module", params=["csv", "pages", "archive"])
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Read:
    return Read(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def made() -> list[Telegram]:
    return [telegram(1, number) for number in range(2_000)]


def test_nearly_every_line_is_recognised(read: Read) -> None:
    totals = read.frames["headers"].select("unrecognised_line_count", "line_count").sum().row(0)
    assert totals[0] < totals[1] / 100


def test_mrn_subject_tags_and_time_are_found_as_meant(read: Read) -> None:
    dialect = read.documents["dialect"][0]
    tags = read.listed("tags", "tag")
    wrong: Counter[str] = Counter()
    for meant, found, _ in read.pairs("id"):
        wrong["mrn"] += found["mrn"] != meant.mrn
    for meant, found, _ in read.pairs("subject"):
        wrong["subject"] += found["subject"] != meant.subject
    for meant, _, key in read.pairs("tags"):
        wrong["tags"] += tags.get(key, []) != list(meant.tags)
    for meant, found, _ in read.pairs("dtg"):
        if meant.date_time_group:
            wrong["time"] += found["sent_at"] != meant.identity.sent
            wrong["time"] += meant.date_time_group not in found["date_time_group"]
    # Stations of the archive are cut to six letters, and not every post is told by them.
    assert wrong.pop("mrn") <= (SAMPLE // 30 if dialect == "archive_text" else 0)
    assert wrong.total() <= SAMPLE // 100, wrong


def test_references_are_found_as_meant(read: Read) -> None:
    found = read.listed("references", "referenced_mrn")
    pairs = [
        (set(meant.references), {mrn for mrn in found.get(key, []) if mrn})
        for meant, _, key in read.pairs("id")
    ]
    assert sum(len(meant) for meant, _ in pairs) > SAMPLE / 2
    assert sum(meant != read for meant, read in pairs) <= SAMPLE / 100


def test_a_telegram_depends_on_its_number_alone(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one.csv", "two.csv", "later.csv", "other.csv")]
    write("csv", 620, files[0], jobs=1)
    write("csv", 620, files[1], jobs=2)
    write("csv", 20, files[2], start=600, jobs=2)
    write("csv", 20, files[3], start=600, seed=2)
    one, two, later, other = (file.read_bytes() for file in files)
    assert one == two
    assert one.endswith(later)
    assert later != other


def test_pages_and_archive_texts_are_files_that_a_drop_adds_to(tmp_path: Path) -> None:
    for dialect, count in (("pages", "12"), ("archive", "9")):
        folder = tmp_path / dialect
        assert main([dialect, count, str(folder), "--jobs", "1"]) == 0
        assert main([dialect, "3", str(folder), "--start", count]) == 0
        assert sum(path.is_file() for path in folder.rglob("*")) == int(count) + 3


def test_no_two_telegrams_share_an_mrn_and_references_point_back() -> None:
    many = [places.identity(1, number, archive=False) for number in range(20_000)]
    by_mrn = {identity.mrn: identity for identity in many}
    assert len(by_mrn) == len(many)
    sample = [telegram(1, number) for number in range(19_000, 19_400)]
    cited = [
        (made.identity, by_mrn[mrn]) for made in sample for mrn in made.references if mrn in by_mrn
    ]
    count = sum(len(made.references) for made in sample)
    assert 0.4 < len(cited) / count < 0.75
    assert all(target.sent < source.sent for source, target in cited)


def test_lengths_and_levels_are_those_of_the_release(made: list[Telegram]) -> None:
    lengths = sorted(len((one.header + one.text).encode()) for one in made)
    assert 8_200 < median(lengths) < 9_600
    assert 500 < lengths[0] < 2_000
    assert 35_000 < lengths[-1] < 68_000
    levels = Counter(one.classification.partition("//")[0] for one in made)
    for level, share in (("UNCLASSIFIED", 0.533), ("CONFIDENTIAL", 0.405), ("SECRET", 0.062)):
        assert levels[level] / len(made) == pytest.approx(share, abs=0.03)
    years = Counter(one.identity.year for one in made)
    assert sum(count for year, count in years.items() if year >= 2003) > 0.95 * len(made)
    assert min(years) < 1990


def test_tags_and_paragraphs_are_as_many_as_in_the_release(made: list[Telegram]) -> None:
    counts = [len(one.tags) for one in made if one.tags]
    assert median(counts) == 5
    assert max(counts) <= 27
    batch = made[:SAMPLE]
    numbers = [sum(line[:1].isdigit() and ". " in line[:5] for line in one.text.split("\n"))
               for one in batch]  # fmt: skip
    assert 6 <= median(numbers) <= 12


def test_traps_are_set_and_rare(made: list[Telegram]) -> None:
    traps = Counter(trap for one in made for trap in one.traps)
    assert {"duplicate", "dtg", "subject", "tags"} <= traps.keys()
    assert max(traps.values()) < 0.03 * len(made)
    texts = [one.text for one in made]
    assert 0.05 < sum("XXXXXXXXXXXX" in text for text in texts) / len(made) < 0.25
    assert 0.3 < sum(" OF 00" in text for text in texts) / len(made) < 0.6
    assert any(line.endswith("-") and line[-2:-1].islower()
               for text in texts for line in text.split("\n"))  # fmt: skip


def test_text_compresses_like_prose(made: list[Telegram], tmp_path: Path) -> None:
    texts = [one.text for one in made][:1_000]
    size = sum(len(text.encode()) for text in texts)
    assert size > 9_000_000
    file = tmp_path / "texts.parquet"
    pl.DataFrame({"text": texts}).write_parquet(file, compression="zstd", compression_level=3)
    assert 2.5 < size / file.stat().st_size < 3.6
    words = Counter(" ".join(texts).lower().split())
    assert len(words) > 12_000
    assert 0.3 < sum(count for _, count in words.most_common(50)) / words.total() < 0.6


def test_created_minutes_of_a_page_repeat_the_hour(tmp_path: Path) -> None:
    write("pages", 40, tmp_path, jobs=1)
    documents = pl.concat(list(read_sources([str(tmp_path)])))
    created: list[datetime] = documents["created_at"].to_list()
    assert all(moment.minute == (moment.hour - 1) % 12 + 1 for moment in created)
