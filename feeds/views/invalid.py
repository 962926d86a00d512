"""Invalid traffic: hits that do not come from readers, and why (the MRC's term)."""

import re
from functools import lru_cache

from crawleruseragents import is_crawler

# Browsers within applications send up to 400 characters; the rest is ignored.
_LONGEST_AGENT = 512
# Browsers that a program drives, by the names that these give themselves.
_HEADLESS = re.compile(r"headless|phantomjs|puppeteer|playwright|selenium|jsdom", re.IGNORECASE)
# crawler-user-agents lacks most of them, and calls the others crawlers.
_FEED_READER = re.compile(
    r"NetNewsWire|Reeder|newsboat|Miniflux|FreshRSS|Feedbin|Feedly|Liferea|Thunderbird"
    r"|Tiny Tiny RSS|feedparser|Inoreader|NewsBlur|Akregator|QuiteRSS|RSSOwl|FeedDemon"
    r"|Fluent Reader|Vienna/|rss2email|python-reader|Feed(?:Fetcher|Burner|Wind)|\bRSS\b"
    # No browser begins with these words; a browser within an application may contain them.
    r"|^(?:Yarr|Selfoss|NewsFlash|ReadKit|Rome Client|Apple(?:-PubSub|Syndication))\b"
    r"|^(?!Mozilla/).*(?:feed|\brss|rss\b|simplepie)",
    re.IGNORECASE,
)
# Programs that crawler-user-agents lacks, by how their agents begin: languages and their HTTP
# clients, tests and probes, services that fetch pages for people. Agents of any application without
# a browser (CFNetwork, Dart, Dalvik) are not here: the application may be the paper's own.
_PROGRAM = re.compile(
    r"(?:python|ruby|perl|php|java|node(?:\.js)?|deno|bun|lua|undici|guzzle(?:http)?|libcurl|pycurl"
    r"|lwp|rest-client|faraday|http\.rb|typhoeus|reqwest|ureq|hyper|fasthttp|go-resty|reactornetty"
    r"|jersey|restsharp|unirest|symfony|zend_http_client|snoopy|winhttp|jakarta|aria2|postmanruntime"
    r"|insomnia|apachebench|siege|wrk|k6|vegeta|apache-jmeter|monit|prometheus|elb-healthchecker"
    r"|googlehc|kube-probe|consul|microsoft|macoutlook|outlook-(?:ios|android)|kakaotalk-scrap"
    r"|daumoa|instapaper|wallabag|readwise)(?![a-z])",
    re.IGNORECASE,
)
# Programs by words anywhere in their agents; most name the page that explains them. A Cubot is a
# telephone.
_NAMED = re.compile(
    r"https?://|(?<!cu)bot(?![a-z])|crawl|spider|scrape|page ?speed|powershell|ms-?office"
    r"|microsoft outlook",
    re.IGNORECASE,
)
# Programs that send nothing but the beginning of a browser's agent.
_BARE = re.compile(r"Mozilla(/[\d.]+)?( \(compatible;?\))?", re.IGNORECASE)
_PREFETCH = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)


def invalid_reason(agent: str, purpose: str = "") -> str:
    """Say why a hit with this user agent and purpose does not count; empty if it does."""
    if _PREFETCH.search(purpose):
        return "prefetch"
    return _by_agent(agent[:_LONGEST_AGENT])


@lru_cache(maxsize=16_384)  # some hundred patterns are tried
def _by_agent(agent: str) -> str:
    if not agent.strip(" -"):
        return "no agent"
    if _HEADLESS.search(agent):
        return "headless"
    if _FEED_READER.search(agent):
        return "feed reader"
    agent = agent.strip()
    is_program = _PROGRAM.match(agent) or _NAMED.search(agent) or _BARE.fullmatch(agent)
    return "robot" if is_program or is_crawler(agent) else ""
