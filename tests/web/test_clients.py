"""Client programs are named by the user agents that they send."""

import pytest

from feeds.web.polls import client_of, subscribers_of

SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
# User agents as they were seen, by the name of their program.
AGENTS = {
    "Feedly": (
        "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)",
        "FeedlyBot/1.0 (http://feedly.com)",
    ),
    "Inoreader": ("Mozilla/5.0 (compatible; inoreader.com; 114 subscribers)",),
    "NewsBlur": (
        f"NewsBlur Feed Fetcher - 27 subscribers - https://www.newsblur.com/site/77/x ({SAFARI})",
    ),
    "Feedbin": ("Feedbin feed-id:1697787 - 102 subscribers",),
    "The Old Reader": (
        "Mozilla/5.0 (compatible; theoldreader.com; 1 subscribers; feed-id=cead6c3a837650eeef)",
    ),
    "BazQux": ("Mozilla/5.0 (compatible; BazQux/2.4; +https://bazqux.com/fetcher; 1 subscribers)",),
    "Flipboard": (
        "Mozilla/5.0 (compatible; FlipboardRSS/1.2; +http://flipboard.com/browserproxy)",
        "Mozilla/5.0 Firefox/28.0 (FlipboardProxy/1.6; +http://flipboard.com/browserproxy)",
    ),
    "Google": (
        "FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)",
        "GoogleProducer; (+http://goo.gl/7y4SX)",
        "Googlebot-News",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    ),
    "Naver": ("Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)", "NAVER Blog Rssbot"),
    "Daum, Kakao": (
        "Mozilla/5.0 (compatible; Daum/4.1; +http://cs.daum.net/faq/15/4118.html?faqId=28966)",
    ),
    "Bing, MSN": (
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "msnbot/2.0b (+http://search.msn.com/msnbot.htm)",
    ),
    "Apple": (
        f"{SAFARI} (Applebot/0.1; +http://www.apple.com/go/applebot)",
        "AppleSyndication/56.1",
    ),
    "Slack": ("Slackbot 1.0 (+https://api.slack.com/robots)",),
    "FreshRSS": ("FreshRSS/1.11.2 (Linux; https://freshrss.org) like Googlebot",),
    "Miniflux": ("Mozilla/5.0 (compatible; Miniflux/2.2.9; +https://miniflux.app)",),
    "Tiny Tiny RSS": ("Tiny Tiny RSS/23.05-a4543de (Unsupported) (https://tt-rss.org/)",),
    "newsboat": ("newsboat/2.21.0 (Linux x86_64)",),
    "NetNewsWire": ("NetNewsWire (RSS Reader; https://netnewswire.com/)",),
    "Feeder": ("Feeder / 1.10.8(88)", f"Mozilla/5.0 (feeder.co; Macintosh) {CHROME} Safari/537.36"),
    "Thunderbird": ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.5",),
    "Liferea": ("Liferea/1.14.4 (Linux; https://lzone.de/liferea/) AppleWebKit (KHTML)",),
    "rss2email": ("rss2email/3.14 (https://github.com/rss2email/rss2email)",),
    "python-reader": ("python-reader/3.26 (+https://github.com/lemon24/reader)",),
    "feedparser": ("feedparser/6.0.12 +https://github.com/kurtmckee/feedparser/",),
    "SimplePie": ("SimplePie/1.8.0 (Feed Parser; http://simplepie.org; Allow like Gecko)",),
    "curl, wget": ("curl/8.14.1", "Wget/1.25.0"),
    "robots": (f"Mozilla/5.0 {CHROME} (compatible; GPTBot/1.0; +https://openai.com/gptbot)",),
    "browsers": (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36",
        f"{SAFARI} NAVER(inapp; search; 2000; 12.13.0; 15PRO)",
        f"Mozilla/5.0 (Linux; Android 15; SM-S928N) {CHROME} Mobile Safari/537.36 DaumApps/7.9",
    ),
    "other": ("", "-", "Mozilla/5.0 (compatible; Reader of ours; +https://reader.example)", "돌"),
}


@pytest.mark.parametrize(
    ("name", "agent"), [(name, agent) for name, agents in AGENTS.items() for agent in agents]
)
def test_a_client_is_named(name: str, agent: str) -> None:
    assert client_of(agent) == name


@pytest.mark.parametrize(
    ("agent", "subscribers"),
    [
        (AGENTS["Feedly"][0], 16),
        (AGENTS["NewsBlur"][0], 27),
        (AGENTS["Feedbin"][0], 102),
        ("NewsBlur Feed Fetcher - 1 subscriber - http://www.newsblur.com/site/1/x", 1),
        (AGENTS["FreshRSS"][0], 0),
        ("Reader (99999999999999999999 subscribers)", 0),
        ("Reader (1.5 subscribers; -3 readers)", 0),
    ],
)
def test_the_subscribers_are_those_that_the_agent_reports(agent: str, subscribers: int) -> None:
    assert subscribers_of(agent) == subscribers
