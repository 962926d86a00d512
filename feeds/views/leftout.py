"""Who does not count as a reader, and why."""

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from crawleruseragents import is_crawler

from feeds.views.address import Address
from feeds.views.opened import Opened

NO_AGENT, HEADLESS, ROBOT, FEED_READER = "no agent", "headless", "robot", "feed reader"
PREFETCH, STAFF = "prefetch", "staff"

# Browsers within applications send up to 400 characters; what comes behind is not looked at.
_LONGEST_AGENT = 512
_LONGEST_PURPOSE = 128
# A whole browser says so at length; a robot that does not name itself seldom takes the trouble.
_HEADLESS = re.compile(r"headless|phantomjs|puppeteer|playwright|selenium|jsdom", re.IGNORECASE)
# Those that crawler-user-agents does not know, and some that it knows, to name them rightly.
_FEED_READER = re.compile(
    r"NetNewsWire|Reeder|newsboat|Miniflux|FreshRSS|Feedbin|Feedly|Liferea|Thunderbird"
    r"|Tiny Tiny RSS|feedparser|Inoreader|NewsBlur|Akregator|QuiteRSS|RSSOwl|FeedDemon"
    r"|Fluent Reader|Vienna/|rss2email|python-reader|Feed(?:Fetcher|Burner|Wind)|\bRSS\b"
    # No browser begins so; one within an application may well have such a word in it.
    r"|^(?:Yarr|Selfoss|NewsFlash|ReadKit|Rome Client|Apple(?:-PubSub|Syndication))\b"
    r"|^(?!Mozilla/).*(?:feed|\brss|rss\b|simplepie)",
    re.IGNORECASE,
)
# Programs that crawler-user-agents does not know, by what their agents begin with: languages and
# their HTTP clients, tests and probes, services that fetch for someone. What any application sends
# that has no browser in it (CFNetwork, Dart, Dalvik) is not here: it may be the paper's own.
_PROGRAM = re.compile(
    r"(?:python|ruby|perl|php|java|node(?:\.js)?|deno|bun|lua|undici|guzzle(?:http)?|libcurl|pycurl"
    r"|lwp|rest-client|faraday|http\.rb|typhoeus|reqwest|ureq|hyper|fasthttp|go-resty|reactornetty"
    r"|jersey|restsharp|unirest|symfony|zend_http_client|snoopy|winhttp|jakarta|aria2|postmanruntime"
    r"|insomnia|apachebench|siege|wrk|k6|vegeta|apache-jmeter|monit|prometheus|elb-healthchecker"
    r"|googlehc|kube-probe|consul|microsoft|macoutlook|outlook-(?:ios|android)|kakaotalk-scrap"
    r"|daumoa|instapaper|wallabag|readwise)(?![a-z])",
    re.IGNORECASE,
)
# Programs by what they have anywhere: most name the page where they are explained. A Cubot is a
# telephone.
_NAMED = re.compile(
    r"https?://|(?<!cu)bot(?![a-z])|crawl|spider|scrape|page ?speed|powershell|ms-?office"
    r"|microsoft outlook",
    re.IGNORECASE,
)
# What programs send whose authors gave them no name.
_BARE = re.compile(r"Mozilla(/[\d.]+)?( \(compatible;?\))?", re.IGNORECASE)
_PREFETCH = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)


class LeftOut:
    """Decides by what a request says of itself; `staff` are networks in CIDR notation."""

    def __init__(self, staff: Iterable[str]) -> None:
        self._staff: list[IPv4Network | IPv6Network] = [ip_network(each) for each in staff]

    def reason(self, opened: Opened, address: Address | None) -> str:
        """Say why a view does not count; empty if it does."""
        if address is not None and any(address in network for network in self._staff):
            return STAFF
        if opened.purpose and _PREFETCH.search(opened.purpose[:_LONGEST_PURPOSE]):
            return PREFETCH
        return _agent(opened.agent[:_LONGEST_AGENT])


@lru_cache(maxsize=16_384)
def _agent(agent: str) -> str:
    """Judge a user agent; some hundred patterns are tried, hence the cache."""
    if not agent.strip(" -"):
        return NO_AGENT
    if _HEADLESS.search(agent):
        return HEADLESS
    if _FEED_READER.search(agent):
        return FEED_READER
    return ROBOT if _is_program(agent.strip()) or is_crawler(agent) else ""


def _is_program(agent: str) -> bool:
    return bool(_PROGRAM.match(agent) or _NAMED.search(agent) or _BARE.fullmatch(agent))
