"""The names of client programs, by their user agents."""

import re
from functools import lru_cache

OTHER = "other"

# The first pattern that is found names the client: a reader may contain a robot's name (Feedly is
# "like FeedFetcher-Google"), and nearly all of them contain a browser's.
_CLIENTS = {
    "Feedly": r"feedly",
    "Inoreader": r"inoreader",
    "NewsBlur": r"NewsBlur",
    "Feedbin": r"Feedbin",
    "The Old Reader": r"theoldreader",
    "BazQux": r"BazQux",
    "Feedspot": r"Feedspot",
    "Netvibes": r"Netvibes",
    "Superfeedr": r"Superfeedr",
    "Flipboard": r"Flipboard",
    "FreshRSS": r"FreshRSS",
    "Miniflux": r"Miniflux",
    "Tiny Tiny RSS": r"Tiny Tiny RSS",
    "CommaFeed": r"CommaFeed",
    "Nextcloud News": r"Nextcloud-News",
    "NetNewsWire": r"NetNewsWire",
    "Reeder": r"^Reeder",
    "Feeder": r"^Feeder ?/|feeder\.co",
    "Thunderbird": r"Thunderbird/",
    "newsboat": r"newsboat",
    "Liferea": r"Liferea",
    "Akregator": r"Akregator",
    "rss2email": r"rss2email",
    "python-reader": r"python-reader",
    "feedparser": r"feedparser",
    "SimplePie": r"SimplePie",
    "Naver": r"\bYeti/|NAVER Blog Rssbot",
    "Daum, Kakao": r"\bDaum(oa)?\b|kakaotalk-scrap",
    "Google": r"google|AppEngine",
    "Bing, MSN": r"bingbot|BingPreview|adidxbot|\bmsn",
    "Apple": r"Applebot|AppleNewsBot|AppleSyndication|Apple-PubSub",
    "Slack": r"Slackbot|Slack-ImgProxy",
    "Discord": r"Discordbot|MonitoRSS",
    "Telegram": r"TelegramBot",
    "Facebook": r"facebookexternalhit|facebookcatalog",
    "curl, wget": r"^(curl|Wget)/",
    "robots": r"bot\b|crawl|spider",
    "browsers": r"^(Mozilla|Opera)/(?!.*https?://)",  # which a browser never names
}
_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _CLIENTS.items()}
_SUBSCRIBERS = re.compile(r"(?<![\d.,])(\d{1,7}) subscribers?\b")


@lru_cache(maxsize=4096)  # some dozens of patterns are tried
def client_of(agent: str) -> str:
    """Name the program that sends a user agent."""
    found = (name for name, pattern in _PATTERNS.items() if pattern.search(agent))
    return next(found, OTHER)


def subscribers_of(agent: str) -> int:
    """Give the number of subscribers that an aggregator reports for a feed in its user agent."""
    found = _SUBSCRIBERS.search(agent)
    return int(found[1]) if found else 0
