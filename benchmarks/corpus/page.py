"""A made-up telegram as a page of the release: the menus around it weigh four fifths of it."""

import html
import re
from functools import lru_cache
from itertools import product

from benchmarks.corpus import places
from benchmarks.corpus.telegram import Telegram

_NUMBER = re.compile(r"^(\d{1,2})\. ", re.MULTILINE)
_TAGS = re.compile(
    r"^(?:TAGS|TAGE|AGS)\b.*(?:\n(?!SUBJ|REF|\s*$).*)*", re.MULTILINE | re.IGNORECASE
)
_CODE = re.compile(r"\b(?!TAGS|TAGE|AGS|SIPDIS)[A-Z]{2,4}\b")


def page(made: Telegram) -> str:
    """Give the page; minutes of Created repeat the hour, as on every page that was published."""
    sent = made.created
    stamp = f"{sent:%Y-%m-%d %H}:{(sent.hour - 1) % 12 + 1:02d}"
    text = _NUMBER.sub(r"\0\1\0\1. ", made.text)
    text = _entities(_TAGS.sub(lambda line: _CODE.sub("\1\\g<0>\1", line.group()), text))
    text = re.sub("\0(\\d+)\0", r"<a id='par\1' href='#par\1'>¶</a>", text)
    text = re.sub("\1([A-Z]+)\1", r"<a href='/tag/\1_0.html'>\1</a>", text)
    identifier = html.escape(made.published_id)
    title = html.escape(made.subject or "", quote=False)
    return f"""{_menu()}
<h3>Viewing cable {identifier}, {title}</h3>
<table class='cable'>
<tr>
<th>Reference ID</th>
<th>Created</th>
<th>Released</th>
<th>Classification</th>
<th>Origin</th>
</tr>
<tr>
<td>
<a href='/cable/{sent:%Y/%m}/{identifier}.html'>{identifier}</a>
</td>
<td>
<a href='/date/{sent:%Y-%m}_0.html'>{stamp}</a>
</td>
<td>
<a href='/reldate/2011-08-30_0.html'>2011-08-30 01:44</a>
</td>
<td>
<a href='/classification/1_0.html'>{made.classification}</a>
</td>
<td>
<a href='/origin/{made.identity.post.country}_0.html'>{made.identity.post.origin}</a>
</td>
</tr>
</table>
<p><i>Help us extend the browsing of these records</i></p>
<code><pre>{_entities(made.header)}</pre></code>
<code><pre>{text}</pre></code>
</div>
</div>
</body>
</html>
"""


def _entities(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "&#x000A;")


@lru_cache(maxsize=1)
def _menu() -> str:
    """Give what stands before the telegram: lists of dates, posts, TAGS and levels."""
    links = [
        f"<a href='/date/{year}-{month:02d}_0.html'>{year}/{month:02d}</a>"
        for year, month in product((1966, 1972, 1979, *range(1985, 2011)), range(1, 13, 2))
    ]
    links += [
        f"<a class='sort' href='/origin/{post.code}_0.html'>{post.origin}</a>"
        for post in places.in_use(archive=False)[:150]
    ]
    links += [f"<a href='/tag/{tag}_0.html'>{tag}</a>" for tag in places.tags(False)[0]]
    listed = "\n".join(links)
    return f"""<?xml version='1.0' encoding='utf-8' ?>
<html lang='en' xml:lang='en' xmlns='http://www.w3.org/1999/xhtml'>
<head>
<title>Cable Viewer</title>
<link href='/static/css/cables.css' rel='stylesheet' type='text/css' />
</head>
<body>
<div class='main'>
<div class='pane small'>
<div id='browse'>
<h3>Browse</h3>
{listed}
</div>
</div>
<div class='pane big'>"""
