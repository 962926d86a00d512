"""OPML 2.0: a list of feeds that a reader subscribes to at once."""

from collections.abc import Sequence

from lxml.etree import Element, tostring

from feeds.formats.xml import add
from feeds.site import Outline


def render_opml(title: str, outlines: Sequence[Outline]) -> bytes:
    """Render OPML 2.0; without dateCreated, so that the same feeds give the same bytes."""
    opml = Element("opml", version="2.0")
    add(add(opml, "head"), "title", title)
    groups = {"": add(opml, "body")}
    for outline in outlines:
        if outline.group not in groups:
            groups[outline.group] = add(groups[""], "outline", text=outline.group)
        add(
            groups[outline.group],
            "outline",
            type="rss",  # of Atom, too: OPML has no other type for subscriptions
            text=outline.text,
            title=outline.text,
            xmlUrl=outline.xml_url,
            htmlUrl=outline.html_url,
            language=outline.language,
        )
    return tostring(opml, encoding="UTF-8", xml_declaration=True, pretty_print=True)
