"""Sections of one telegram that came as documents of their own → that telegram, put together.

A long telegram went over the wire in sections, `SECTION 01 OF 02` and `SECTION 02 OF 02`, each
with a heading of its own; whoever saved them has two documents and half a telegram in each. Their
texts are put one behind the other under the document of the lowest section, and read again: the
parser knows headings that stand again within a text, and joins the paragraph that was cut.

    assemble(store, run, parse)    after parsing, before versions are compared (`etl.star.versions`)

From then on `Store.scan` gives the rows of the whole in the place of the lowest section's own.

Not here: how a document says that it is a section (`etl.parse.marking`), which of several documents
a telegram is loaded from (`etl.star.versions`).
"""

from collections.abc import Callable, Mapping

import polars as pl

from etl.contracts.documents import Sections
from etl.keys import among
from etl.store import Store

MOST_HOURS_APART = 36
"""Sections of one telegram are sent within this time of each other."""

SHARE_HELD = 0.5
"""Share of a section's longer lines that stand in the lowest one: then that one is the whole."""

_TELLING = 20
"""Characters of a line that tells one text from another."""

Parse = Callable[[pl.DataFrame], Mapping[str, pl.DataFrame]]


def assemble(store: Store, run_id: str, parse: Parse) -> pl.DataFrame:
    """Put sections together and keep the frames of the wholes for the run; gives Sections.

    Taken are documents of one MRN and one number of sections that hold one section each and do
    not contradict each other in subject and time. Of two documents with one section, the longer
    one counts. What is missing stays missing: sections 1 and 3 of 3 are put together, too.
    """
    store.drop_assembled(run_id)
    headers = store.scan(run_id, "headers").filter(pl.col("section_number").is_not_null())
    chosen = choose(headers.collect(), store.index(run_id))
    if chosen.is_empty():
        return chosen
    texts = among(store.scan_documents(store.index(run_id)), chosen["document_key"])
    chosen, documents = put_together(chosen, texts.collect())
    if not documents.is_empty():
        store.write_assembled(run_id, parse(documents))
    return chosen


def choose(headers: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """Find the documents to put together: Sections. `headers` are those of lone sections."""
    numbered = (
        headers.drop_nulls(["mrn", "section_count"])
        .join(index.select("document_key", "sha256"), on="document_key", how="inner")
        .sort(
            ["mrn", "section_count", "section_number", "word_count", "sha256", "document_key"],
            descending=[False, False, False, True, False, False],
        )
        .unique(["mrn", "section_count", "section_number"], keep="first", maintain_order=True)
    )
    of_telegram = ["mrn", "section_count"]
    subject = pl.col("subject").str.to_uppercase().str.replace_all(r"\W+", " ").str.strip_chars()
    lead_subject = subject.first().over(of_telegram)
    apart = (pl.col("sent_at") - pl.col("sent_at").first().over(of_telegram)).dt.total_hours()
    agrees = (
        subject.is_null()
        | lead_subject.is_null()
        | subject.str.starts_with(lead_subject)
        | lead_subject.str.starts_with(subject)
    ) & (apart.abs() <= MOST_HOURS_APART).fill_null(value=True)
    return (
        numbered.filter(agrees)
        .filter(pl.len().over(of_telegram) > 1)
        .select(
            "document_key",
            pl.col("document_key").first().over(of_telegram).alias("lead_key"),
            "section_number",
        )
        .cast(Sections.create_empty().schema)
    )


def put_together(chosen: pl.DataFrame, texts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give the Sections that are really apart, and one row of Documents per whole.

    A page without markers may say `SECTION 01 OF 02` and hold both: then nothing is added to it.
    """
    rows = chosen.join(texts, on="document_key", how="inner").sort("lead_key", "section_number")
    lines = pl.col("body_text").str.split("\n").list.eval(pl.element().str.strip_chars())
    telling = lines.list.filter(pl.element().str.len_chars() >= _TELLING).list.unique()
    held = telling.list.set_intersection(telling.first().over("lead_key")).list.len()
    is_lead = pl.col("document_key") == pl.col("lead_key")
    rows = rows.filter(is_lead | (held < SHARE_HELD * telling.list.len().clip(1)))
    rows = rows.filter(pl.len().over("lead_key") > 1)
    whole = pl.concat_str(
        pl.when(~is_lead).then("header_text"), "body_text", separator="\n", ignore_nulls=True
    )
    bodies = rows.group_by("lead_key", maintain_order=True).agg(body_text=whole.str.join("\n"))
    leads = rows.filter(is_lead).drop("body_text").join(bodies, on="lead_key")
    return rows.select(chosen.columns), leads.select(texts.columns)
