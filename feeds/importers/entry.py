"""The entries of other feeds, of whatever format: their ids, dates, and details that do not fit."""

import re
from datetime import timedelta, timezone
from email.utils import parsedate_to_datetime
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import quote, unquote

from feeds.importers.record import filled, read_fitting
from feeds.importers.sources import Item, Rejected, Source, named
from feeds.text import article_id_of, quoted

_MINTED = re.compile(r"tag:[^,]+,\d{4}-\d\d-\d\d:(.+)")
# Names of zones beside those of RFC 822.
_HOURS = {"KST": 9, "JST": 9, "HKT": 8, "MSK": 3, "CEST": 2, "CET": 1, "BST": 1}


def read_entry(
    record: dict[str, Any], guid: str | None, source: Source, line: int, *, is_ours: bool
) -> Item:
    """Read the record of an entry; values that are empty or do not fit are left out.

    An entry without a guid is known to readers by its link. The article's id is the guid, or in a
    feed of this service (`is_ours`) the id that the guid was made of.
    """
    guid = (guid or record.get("url") or "").strip()
    if not guid:
        return Rejected(line, "an entry has neither an id (guid) nor a link")
    minted = _MINTED.fullmatch(guid) if is_ours else None
    article_id = article_id_of(unquote(minted[1])) if minted else article_id_of(guid)
    record["id"] = article_id or sha256(guid.encode("utf-8", "replace")).hexdigest()
    own_page = f"{source.base_url.rstrip('/')}/articles/{quote(record['id'], safe='')}"
    if record.get("url") == own_page:
        del record["url"]
    # The service's own feeds have the subtitle in the content, too.
    heading = f"<h2>{escape(record.get('subtitle') or '', quote=False)}</h2>"
    record["body_html"] = (record.get("body_html") or "").removeprefix(heading).lstrip()
    return named(read_fitting(filled(record), source, line, guid), f"entry {quoted(guid)}")


def iso_date(text: str | None) -> str | None:
    """Give a date of RFC 822 as ISO 8601, without an offset where its zone is not known.

    Such a date is in the paper's zone; feedparser would take "KST", or no zone, for UTC.
    """
    try:
        date = parsedate_to_datetime((text or "").replace("-0000", "+0000"))
    except (IndexError, TypeError, ValueError, OverflowError):
        return text
    hours = _HOURS.get((text or "").split()[-1])
    if date.tzinfo is None and hours is not None:
        date = date.replace(tzinfo=timezone(timedelta(hours=hours)))
    return date.isoformat()
