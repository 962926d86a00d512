"""OPML 2.0: a list of feeds that a reader subscribes to at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml.etree import Element, SubElement, _Element, tostring

from feeds.errors import RenderError


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of the list.

    `html_url` is its page for people. Outlines of one `group` are listed below its name, where
    the first of them stands; those of the empty group stand by themselves.
    """

    text: str
    xml_url: str
    html_url: str
    language: str | None = None
    group: str = ""


def render_opml(title: str, outlines: Sequence[Outline]) -> bytes:
    """Render OPML 2.0; without dateCreated, so that the same feeds give the same bytes.

    Raises `RenderError` where a text cannot stand in XML.
    """
    opml = Element("opml", version="2.0")
    try:
        SubElement(SubElement(opml, "head"), "title").text = title
        _add_outlines(SubElement(opml, "body"), outlines)
    except (TypeError, ValueError) as error:
        raise RenderError(f"the list of feeds cannot be written: {error}") from error
    return tostring(opml, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _add_outlines(body: _Element, outlines: Sequence[Outline]) -> None:
    groups = {"": body}
    for outline in outlines:
        if outline.group not in groups:
            group = SubElement(body, "outline", {"text": outline.group})
            groups[outline.group] = group
        _add_outline(groups[outline.group], outline)


def _add_outline(parent: _Element, outline: Outline) -> None:
    attributes = {
        "type": "rss",  # of Atom, too: OPML knows no other for subscriptions
        "text": outline.text,
        "title": outline.text,
        "xmlUrl": outline.xml_url,
        "htmlUrl": outline.html_url,
    }
    element = SubElement(parent, "outline", attributes)
    if outline.language is not None:
        element.set("language", outline.language)
