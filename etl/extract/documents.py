"""What a document is while it walks through the package, and the frame it ends in.

Not here: how a document is found, unpacked or read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import polars as pl

from etl.contracts.frames import Documents
from etl.keys import stable_key
from etl.series import series

MIB = 1024 * 1024

UNREAD = "cannot be read: "
"""How the reason begins where a file could not be read now; it may well be the next time."""

TORN = f"{UNREAD}it changed while it was being read; the next run reads it again"
"""Reason of a file whose size or time is not the same after its last byte as before its first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one source may ask of this machine; whatever asks for more is rejected with a reason.

    The longest of 1,295 measured telegrams has 66,311 characters, a page at most 150 KiB, and
    text of this kind packs 3 to 8 times: the defaults leave room, and still stop an archive that
    is made to fill the memory.
    """

    max_document_bytes: int = 64 * MIB
    """Largest document, and largest row of a bulk CSV."""
    max_unpack_ratio: int = 200
    """How many times its packed size a container or an entry may unpack to."""
    max_container_entries: int = 5_000_000
    """Entries of one container (the archive of 1973–79 has 2,081,272 files)."""

    @property
    def document(self) -> str:
        """Say the limit of a document, and how to raise it."""
        return f"the limit is {self.max_document_bytes:,} ({_RAISE.format('--max-document-mib')})"

    @property
    def ratio(self) -> str:
        """Say the limit of what is packed, and how to raise it."""
        return f"{self.max_unpack_ratio:,} times its packed size ({_RAISE.format('--max-ratio')})"

    @property
    def entries(self) -> str:
        """Say the limit of an archive, and how to raise it."""
        return f"{self.max_container_entries:,} entries ({_RAISE.format('--max-entries')})"


_RAISE = "{} raises it"
LIMIT_REACHED = r"\(--max-[a-z-]+ raises it\)"
"""What stands in the reason of each document that asked for more than a limit."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document lies: address of the file, entry or row in it, time of the file."""

    uri: str
    member: str | None = None
    modified_at: int | None = None
    """Microseconds since 1970, UTC."""
    byte_offset: int | None = None
    """Bytes before a row, in the file or entry that it is a row of; null for what is no row."""

    def inside(self, name: str, byte_offset: int | None = None) -> "Origin":
        """Give the origin of entry `name` of this container, of row or telegram `name` of a file.

        In messages and lists such a document is `uri#member`: `…/drop.zip#oslo.txt#2` is the second
        telegram in an entry.
        """
        member = name if self.member is None else f"{self.member}#{name}"
        return Origin(self.uri, member, self.modified_at, byte_offset)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a dialect's reader found in a text. Null: the document does not have it."""

    dialect: str
    body_text: str
    header_text: str | None = None
    cover_text: str | None = None
    published_id: str | None = None
    created: str | None = None
    """Created time as printed; `frame` reads it."""
    published_classification: str | None = None
    published_origin: str | None = None
    published_subject: str | None = None
    published_references: list[str] | None = None
    attributes: list[dict[str, str | None]] | None = None
    """Message Attributes of the 1973-79 archive, in order: name and value."""


class NotATelegram(ValueError):
    """The document cannot be read. The message says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Document:
    """One row of `Documents`: either a reading or the reason of the rejection."""

    origin: Origin
    sha256: str
    size_bytes: int
    encoding: str | None
    reading: Reading | None
    reject_reason: str | None = None


NO_BYTES = sha256(b"").hexdigest()
"""SHA-256 of a document of which no byte could be read."""


def rejected(
    origin: Origin,
    reason: str,
    *,
    digest: str = NO_BYTES,
    size_bytes: int = 0,
    encoding: str | None = None,
) -> Document:
    """Give the document that stands for something unreadable."""
    return Document(origin, digest, size_bytes, encoding, None, reason)


_CREATED_FORMATS = (
    "%Y-%m-%d %H:%M",  # release page: 2005-06-22 15:03
    "%m/%d/%Y %H:%M",  # bulk CSV: 12/28/1966 18:48
    "%Y-%m-%d %H:%M:%S",  # web extract: 2005-06-30 09:28:00
    "%m/%d/%Y %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
)
_NO_READING = Reading(dialect="", body_text="")


def frame(documents: Sequence[Document]) -> pl.DataFrame:
    """Give the documents as a frame of contract `Documents`, in the order given.

    `created_at` is null where the document prints no time, or none that exists.
    """
    readings = [document.reading or _NO_READING for document in documents]
    origins = [document.origin for document in documents]
    columns: dict[str, list[object]] = {
        "document_key": [stable_key(origin.uri, origin.member) for origin in origins],
        "uri": [origin.uri for origin in origins],
        "member": [origin.member for origin in origins],
        "byte_offset": [origin.byte_offset for origin in origins],
        "sha256": [document.sha256 for document in documents],
        "size_bytes": [document.size_bytes for document in documents],
        "modified_at": [origin.modified_at for origin in origins],
        "encoding": [document.encoding for document in documents],
        "dialect": [reading.dialect or None for reading in readings],
        "reject_reason": [document.reject_reason for document in documents],
        "published_id": [reading.published_id for reading in readings],
        "created_at": [reading.created for reading in readings],
        "published_classification": [reading.published_classification for reading in readings],
        "published_origin": [reading.published_origin for reading in readings],
        "published_subject": [reading.published_subject for reading in readings],
        "published_references": [reading.published_references for reading in readings],
        "attributes": [reading.attributes for reading in readings],
        "cover_text": [reading.cover_text for reading in readings],
        "header_text": [reading.header_text for reading in readings],
        "body_text": [
            document.reading.body_text if document.reading else None for document in documents
        ],
    }
    as_built = pl.Schema(Documents.create_empty().schema)
    as_built |= {"created_at": pl.String(), "modified_at": pl.Int64()}
    created = [
        pl.col("created_at").str.to_datetime(form, time_unit="us", strict=False)
        for form in _CREATED_FORMATS
    ]
    built = {name: series(values, as_built[name]) for name, values in columns.items()}
    return pl.DataFrame(built).with_columns(
        pl.coalesce(created).alias("created_at"),
        pl.col("modified_at").cast(pl.Datetime("us")),
    )
