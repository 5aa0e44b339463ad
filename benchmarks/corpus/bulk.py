"""A made-up telegram as a row of the bulk CSV."""

from benchmarks.corpus.telegram import Telegram


def csv_row(made: Telegram) -> str:
    """Give a row of the bulk CSV, with its newline."""
    sent = made.created
    fields = (
        str(made.index + 1),
        f"{sent.month}/{sent.day}/{sent.year} {sent.hour}:{sent.minute:02d}",
        made.published_id,
        made.identity.post.origin,
        made.classification,
        "|".join(made.references),
        made.header,
        made.text,
    )
    joined = '","'.join([_escaped(field) for field in fields])
    return f'"{joined}"\n'


def _escaped(field: str) -> str:
    if "\\" in field:
        field = field.replace("\\", "\\\\")
    return field.replace('"', '\\"')
