"""Reading XML documents element by element, as no feed parser does."""

from lxml import etree
from lxml.etree import _Element

NAMESPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "cf": "http://www.microsoft.com/schemas/rss/core/2005",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "media": "http://search.yahoo.com/mrss/",
    "re": "http://purl.org/atompub/rank/1.0",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "xml": "http://www.w3.org/XML/1998/namespace",
}


def parse(body: bytes) -> _Element:
    return etree.fromstring(body)


def elements(parent: _Element, path: str) -> list[_Element]:
    return parent.findall(path, NAMESPACES)


def texts(parent: _Element, path: str) -> list[str]:
    return [element.text or "" for element in elements(parent, path)]


def attributes(parent: _Element, path: str) -> list[dict[str, str]]:
    return [{str(k): str(v) for k, v in e.attrib.items()} for e in elements(parent, path)]


def names(parent: _Element) -> list[str]:
    prefixes = {uri: f"{prefix}:" for prefix, uri in NAMESPACES.items()}
    found = [etree.QName(child) for child in parent]
    return [prefixes.get(str(name.namespace), "") + name.localname for name in found]
