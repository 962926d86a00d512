"""What feeds tell a subscriber about their hubs, looked up over HTTP as websub.rocks does it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from sys import maxsize
from unicodedata import normalize
from urllib.parse import quote, urljoin

import lxml.etree
import lxml.html
import pytest
import urllib3
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from feeds.config import Config
from feeds.formats import FORMATS
from feeds.store import Store, open_store
from feeds.web.wsgi import Front
from tests.newsroom import in_each_format
from tests.paper import publish, record, settings
from tests.processes import free_port
from tests.web.conftest import front_of, listening

A, B = "https://a.example/", "https://b.example/hub?paper=1"
# By name: the hubs of the config, the path of the site, and the hubs that its feeds have to name.
PAPERS: Mapping[str, tuple[object, str, tuple[str, ...]]] = {
    "built-in": ("built-in", "", ("/hub",)),
    "below a path": ("built-in", "/paper", ("/paper/hub",)),
    "of others": ([A, B], "", (A, B)),
    "both": (["built-in", A], "", ("/hub", A)),
    "none": ("none", "", ()),
}
NFC, NFD, OLD = map(quote, ("지역", normalize("NFD", "지역"), "구정"))
ARTICLE = {
    "sections": ["지역"],
    "authors": [{"name": "김민수"}],
    "tags": ["C++"],
    "body_html": '<p>본문</p><link rel="hub" href="https://c.example/"><a rel="self" href="/">',
}

_LINK = re.compile(r'<([^>]*)>; rel="(self|hub)"')
_ATOM = {"atom": "http://www.w3.org/2005/Atom"}


@dataclass(frozen=True)
class Site:
    """A paper that is served over HTTP, and the hubs that its feeds have to name."""

    url: str
    hubs: tuple[str, ...]
    store: Store
    config: Config
    front: Front

    def publish(self, article_id: str, folder: Path) -> None:
        publish([record(article_id, **ARTICLE)], self.store, self.config, folder)
        self.front.cache.refresh()


@dataclass(frozen=True)
class Links:
    """The targets of links to the topic, and to its hubs."""

    topics: tuple[str, ...] = ()
    hubs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What is at an address, after redirects to `url`: the links of headers and of the document."""

    url: str
    status: int
    media_type: str | None
    headers: Links
    document: Links


@contextmanager
def served(folder: Path, paper: str = "both") -> Iterator[Site]:
    """Serve a paper with an article; a web server in front would take the path of the site off."""
    hub, path, named = PAPERS[paper]
    port = free_port()
    root = f"http://127.0.0.1:{port}"
    old = {"moved": {"sections/구정": "sections/지역"}, "aliases": {"/rss/all.xml": "latest.rss"}}
    config = settings(folder, url=f"{root}{path}", websub={"hub": hub}, **old)
    with open_store(config.store) as store:
        front = front_of(store, config)
        hubs = tuple(urljoin(root, each) for each in named)
        site = Site(config.site.url, hubs, store, config, front)
        site.publish("1", folder)
        in_front = DispatcherMiddleware(NotFound(), {path: front}) if path else front
        with listening(in_front, port):
            yield site


@pytest.fixture(scope="module", params=PAPERS)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A paper of each kind; no test changes it."""
    with served(tmp_path_factory.mktemp("paper"), request.param) as one:
        yield one


on_two_sites = pytest.mark.parametrize("site", ["below a path", "both"], indirect=True)


def get(url: str, method: str = "GET", **headers: str) -> urllib3.BaseHTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with urllib3.PoolManager(timeout=10) as pool:
        return pool.request(method, url, headers=named)


def discover(url: str, method: str = "GET", **headers: str) -> Found:
    """Look for links in the headers and in the document (WebSub, 4)."""
    response = get(url, method, **headers)
    media_type = response.headers.get("Content-Type")
    found = _LINK.findall(response.headers.get("Link", ""))
    named = (tuple(target for target, rel in found if rel == wanted) for wanted in ("self", "hub"))
    document = _in_document(response.data, media_type or "") if response.data else Links()
    final = urljoin(url, response.url or "")
    return Found(final, response.status, media_type, Links(*named), document)


def _in_document(body: bytes, media_type: str) -> Links:
    if "json" in media_type:
        feed = json.loads(body)
        hubs = (hub["url"] for hub in feed.get("hubs", ()) if hub["type"] == "WebSub")
        return Links((feed["feed_url"],), tuple(hubs))
    tree = lxml.html.document_fromstring(body) if "html" in media_type else lxml.etree.XML(body)
    path = "//link[@rel='{0}']/@href | //atom:link[@rel='{0}']/@href"
    found = (tree.xpath(path.format(rel), namespaces=_ATOM) for rel in ("self", "hub"))
    return Links(*map(tuple, found))


def test_every_feed_names_its_hubs_and_exactly_one_self(site: Site) -> None:
    paths = [path for path, _ in site.store.documents.topics(0, maxsize)]
    assert {*in_each_format("rising"), *in_each_format("sections/지역/most-read")} < set(paths)
    for path in paths:
        topic = f"{site.url}/feeds/{quote(path)}"
        found, links = discover(topic), Links((topic,), site.hubs)
        assert (found.status, found.headers, found.document) == (200, links, links)


@on_two_sites
@pytest.mark.parametrize("extension", FORMATS)
def test_head_has_the_headers_of_get(site: Site, extension: str) -> None:
    topic = f"{site.url}/feeds/latest.{extension}"
    by_get, by_head = discover(topic), discover(topic, "HEAD")
    assert by_head == replace(by_get, document=Links())


def test_a_304_and_a_delta_name_them_too(tmp_path: Path) -> None:
    conditions = {"If_None_Match": "ETag", "If_Modified_Since": "Last-Modified"}
    with served(tmp_path) as site:
        site.publish("2", tmp_path)
        topics = [f"{site.url}/feeds/{path}" for path in in_each_format("latest")]
        known = {topic: get(topic).headers for topic in topics}
        for topic in topics:
            for condition, validator in conditions.items():
                unchanged = discover(topic, **{condition: known[topic][validator]})
                assert (unchanged.status, unchanged.headers) == (304, Links((topic,), site.hubs))
        site.publish("3", tmp_path)
        for topic in topics:
            asked = {"A_IM": "feed", "User_Agent": "newsboat/2.40"}
            delta = discover(topic, **asked, If_None_Match=known[topic]["ETag"])
            links = Links((topic,), site.hubs)
            assert (delta.status, delta.headers, delta.document) == (226, links, links)


@on_two_sites
@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/json"},
        {"Accept": "text/html"},
        {"Accept_Language": "en"},
        {"Accept_Encoding": "gzip"},
    ],
)
def test_a_topic_has_one_representation(site: Site, headers: dict[str, str]) -> None:
    for path in in_each_format("latest"):
        topic = f"{site.url}/feeds/{path}"
        assert discover(topic, **headers) == discover(topic)


@on_two_sites
@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/feeds/LATEST.{0}", "latest.{0}"),
        ("/feeds//latest.{0}/", "latest.{0}"),
        (f"/feeds/sections/{NFD}.{{0}}", f"sections/{NFC}.{{0}}"),
        (f"/feeds/sections/{OLD}.{{0}}", f"sections/{NFC}.{{0}}"),
        (f"/feeds/sections/{OLD}/most-read.{{0}}", f"sections/{NFC}/most-read.{{0}}"),
        ("/rss/all.xml", "latest.rss"),
    ],
)
def test_another_address_leads_to_the_topic(site: Site, address: str, path: str) -> None:
    for extension in FORMATS:
        topic = f"{site.url}/feeds/{path.format(extension)}"
        for method in ("GET", "HEAD"):
            found = discover(site.url + address.format(extension), method)
            assert (found.url, found.headers) == (topic, Links((topic,), site.hubs))


@on_two_sites
def test_a_page_is_no_topic_but_leads_to_some(site: Site) -> None:
    for path in ("/", f"/sections/{NFC}", "/articles/1", "/feeds/latest"):
        found = discover(site.url + path)
        assert (found.status, found.headers, found.document) == (200, Links(), Links())
        head = lxml.html.document_fromstring(get(site.url + path).data).head
        feeds = head.xpath("link[@rel='alternate'][@type!='text/html']/@href")
        assert len(feeds) >= len(FORMATS)
        assert all(discover(feed).headers == Links((feed,), site.hubs) for feed in feeds)
