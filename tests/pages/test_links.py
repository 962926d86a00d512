"""Every link within the sample newspaper, in pages, feeds and lists of feeds, leads somewhere."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urldefrag

import lxml.html
import urllib3

from feeds.formats import FORMATS
from feeds.sample import FILES
from tests.processes import Running

STARTS = ("/", "/feeds.opml", "/feeds/authors.opml", "/feeds/tags.opml")
# A category's scheme (domain in RSS) is a name, although it looks like an address.
_NAME = re.compile(r'\b(?:scheme|domain)="[^"]*"')
_TEXT = re.compile(r"text/(?!csv)|xml|json")


def test_no_link_of_the_sample_leads_nowhere(served: Running) -> None:
    site = served.url
    found = {site + start: "where a reader starts" for start in STARTS}
    waiting, dead = list(found), []
    with urllib3.PoolManager() as pool:
        while waiting:
            address = waiting.pop()
            response = pool.request("GET", address, redirect=False)
            if response.status != 200:
                dead.append(f"{response.status} {address}, linked from {found[address]}")
            elif _TEXT.search(response.headers["Content-Type"]):
                for link in sorted({*links(response.data.decode(), address, site)} - found.keys()):
                    found[link] = address
                    waiting.append(link)
    assert not dead, "\n".join(dead)
    paths = {address.removeprefix(site) for address in found}
    assert len(paths) > 200
    assert {f"/sample/{file.name}" for file in FILES.iterdir()} <= paths


def links(text: str, address: str, site: str) -> Iterator[str]:
    """Give the addresses on the site's host that a document names, in whatever format it is.

    The hub is no link to follow: it takes POST alone.
    """
    shown = unescape(unescape(_NAME.sub("", text)))
    named = set(re.findall(rf"{re.escape(site)}[^\s\"'<>\\]*", shown)) - {f"{site}/hub"}
    if text.lstrip().lower().startswith("<!doctype html"):
        page = lxml.html.document_fromstring(text, base_url=address)
        page.make_links_absolute()
        named |= {link for _, _, link, _ in page.iterlinks() if link.startswith(site)}
    for each in named:
        yield urldefrag(each).url
        if each.endswith(".rss"):  # pages and lists name a feed in one format
            yield from (f"{each.removesuffix('rss')}{extension}" for extension in FORMATS)
