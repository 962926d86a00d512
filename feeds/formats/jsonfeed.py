"""JSON Feed 1.1."""

import json
from collections.abc import Sequence
from typing import Any

from feeds.model import Attachment, Author, Channel, Entry, Image

MEDIA_TYPE = "application/feed+json"
ABOUT = """\
JSON Feed 1.1 has no keys for some values of these feeds. They are in an object named "_feeds". Its
key "about" has the address of this text; each other key is left out if its value is unknown.

in an item    rank      the place in a ranked feed, counted from 1
              comments  the number of comments
              subtitle  plain text
              image     of the item's image: type (a media type), length (bytes), width and height
                        (pixels), alt and credit (plain text)
in an author  email

An object named "_removed" lists, as "items", the articles withdrawn lately: the "id" of each, and
"date_removed". Readers should drop these items.
"""


def render(channel: Channel, entries: Sequence[Entry]) -> bytes:
    """Render JSON Feed 1.1, keys in a fixed order.

    The feed has no authors: a reader would add them to every item. Both `authors` and the older
    `author` are written, since some readers know only one. JSON Feed's `icon` is the large picture,
    `favicon` the small one. Of the channel's links, it has keys for hubs and the next page only.
    The extension that `ABOUT` explains has the other fields of an entry.
    """
    removed = [
        {"id": each.id, "date_removed": each.when.isoformat()} for each in channel.tombstones
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.link,
        "feed_url": channel.self_url,
        "description": channel.description,
        "icon": channel.logo,
        "favicon": channel.icon,
        "language": channel.language,
        "next_url": next((link.href for link in channel.links if link.rel == "next"), None),
        "hubs": [{"type": "WebSub", "url": x.href} for x in channel.links if x.rel == "hub"],
        "_feeds": {"about": channel.about},
        "_removed": _extension(channel, items=removed),
    }
    items = [_item(channel, entry) for entry in entries]
    document = _known(feed) | {"items": items}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1).encode() + b"\n"


def _item(channel: Channel, entry: Entry) -> dict[str, Any]:
    """Write an entry; without content it has its summary as text, since an item needs either."""
    authors = [_author(channel, author) for author in entry.authors]
    return _known(
        {
            "id": entry.id,
            "url": entry.link,
            "title": entry.title,
            "content_html": entry.content,
            "content_text": entry.summary if entry.content is None else None,
            "summary": entry.summary,
            "image": entry.image and entry.image.url,
            "date_published": entry.published.isoformat(),
            "date_modified": entry.updated.isoformat(),
            "authors": authors,
            "author": authors[0] if authors else None,
            "tags": list(dict.fromkeys(category.term for category in entry.categories)),
            "language": entry.language if entry.language != channel.language else None,
            "attachments": _attachments(entry),
            "_feeds": _extension(
                channel,
                rank=entry.rank,
                comments=entry.comments,
                subtitle=entry.subtitle,
                image=entry.image and _image(entry.image),
            ),
        }
    )


def _author(channel: Channel, author: Author) -> dict[str, Any]:
    """Write a byline; the URL of an author without a page is the e-mail address."""
    url = author.url or (author.email and f"mailto:{author.email}")
    extension = _extension(channel, email=author.email)
    return _known({"name": author.name, "url": url, "_feeds": extension})


def _attachments(entry: Entry) -> list[dict[str, Any]]:
    """Write the attachments, and the picture as one more; it needs a media type."""
    files = list(entry.attachments)
    if (image := entry.image) and image.type is not None:
        files.append(Attachment(image.url, image.type, image.length, image.alt))
    return [
        _known(
            {
                "url": each.url,
                "mime_type": each.type,
                "title": each.title,
                "size_in_bytes": each.length,
                "duration_in_seconds": each.duration,
            }
        )
        for each in files
    ]


def _image(image: Image) -> dict[str, Any]:
    """Write the picture without its URL, which is the item's `image`."""
    return _known(
        {
            "type": image.type,
            "length": image.length,
            "width": image.width,
            "height": image.height,
            "alt": image.alt,
            "credit": image.credit,
        }
    )


def _extension(channel: Channel, **fields: Any) -> dict[str, Any]:
    """Write the known fields as one object, as the specification requires; it links to `ABOUT`."""
    known = _known(fields)
    return {"about": channel.about} | known if known else {}


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out unknown values: None, an empty list, an empty object."""
    return {key: value for key, value in fields.items() if value not in (None, [], {})}
