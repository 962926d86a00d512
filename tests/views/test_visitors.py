"""Who is one visitor, who does not count, and that no address is kept."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import time_machine

from feeds.config import Config
from feeds.store import Store, View
from feeds.views import (
    Hit,
    Spool,
    Visitors,
    client_address,
    fold_all,
    invalid,
    read_origin,
    spool,
)
from feeds.views.invalid import invalid_reason
from feeds.views.visitors import _read_origin
from feeds.worker import rank
from tests.newsroom import configured
from tests.readers import DESK, GOOGLEBOT, PHONE

NOON = 1_772_420_400  # 2 March 2026, 12:00 in Seoul
A_DAY = 86_400
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N Build/UP1A.231005.007; wv) AppleWebKit/537.36"
    " (KHTML, like Gecko) Version/4.0 Chrome/138.0.7204.63 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Mobile/15E148"
)
OUTLOOK = (
    "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; WOW64; Trident/7.0;"
    " Microsoft Outlook 16.0.4266; ms-office; MSOffice 16)"
)
# What people read with, alone and within other applications.
BROWSERS = [
    PHONE,
    DESK,
    ANDROID,
    f"{ANDROID};KAKAOTALK 2510540",
    f"{IPHONE} KAKAOTALK/25.4.1 (INAPP)",
    f"{ANDROID} NAVER(inapp; search; 2000; 12.9.1)",
    f"{IPHONE} NAVER(inapp; feed; 2000; 12.9.1; 14PRO)",
    f"{IPHONE} Safari/604.1 daumapps",
    f"{ANDROID} [FB_IAB/FB4A;FBAV/519.0.0.41.100;]",
    f"{IPHONE} [FBAN/FBIOS;FBAV/519.0.0.45.103;FBBV/752157838;FBDV/iPhone16,2;FBMD/iPhone]",
    f"{IPHONE} Instagram 385.0.0.34.71 (iPhone16,2; iOS 18_5; ko_KR; ko; scale=3.00)",
    f"{ANDROID} Line/15.8.0/IAB",
    f"{IPHONE} GSA/374.0 Safari/604.1",
    f"{IPHONE} [Pinterest/iOS]",
    f"{ANDROID} Flipboard/4.3.32 Flipboard-Briefing/4.3.32",
    DESK.replace("Safari", "Edg/142.0.0.0 Safari"),
    ANDROID.replace("Version/4.0", "SamsungBrowser/28.0"),
    ANDROID.replace("SM-S928N", "CUBOT X50"),
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Mozilla/5.0 (Mobile; Nokia_8000_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.2",
    "Opera/9.80 (Android; Opera Mini/36.2.2254/191.303; U; ko) Presto/2.12.423 Version/12.16",
    "UCWEB/2.0 (Java; U; MIDP-2.0; ko; Nokia203) U2/1.0.0 UCBrowser/9.4.1 U2/1.0.0 Mobile",
    "GwanakNews/3.1 (iPhone; iOS 18.5) CFNetwork/3826.500.131 Darwin/24.5.0",
]


def visitors(secret: bytes = b"x" * 32, staff: Sequence[str] = ()) -> Visitors:
    config = configured(views={"staff": staff})
    return Visitors(config, lambda day: secret + bytes([day % 256]))


def key(
    address: str = "192.0.2.1", agent: str = PHONE, moment: int = NOON, secret: bytes = b"x" * 32
) -> int:
    return visitors(secret).view(Hit("1", moment, address, agent)).visitor


def network(address: str) -> int:
    return visitors().view(Hit("1", NOON, address, PHONE)).network


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (key(), key(moment=NOON + 3600)),
        (key("2001:db8:1:2:aaaa::1"), key("2001:db8:1:2:bbbb::2")),
        (key("192.0.2.1"), key("::ffff:192.0.2.1")),
        (key("192.0.2.1"), key("192.0.2.1:4711")),
        (key("2001:db8::1"), key("[2001:db8::1]:4711")),
    ],
)
def test_one_visitor(one: int, other: int) -> None:
    assert one == other


@pytest.mark.parametrize(
    "other",
    [
        key("192.0.2.2"),
        key(agent=DESK),
        key(moment=NOON + A_DAY),
        key(secret=b"y" * 32),
        key("2001:db8::1"),
        key("", ""),
        key("reader.example"),
    ],
)
def test_two_visitors(other: int) -> None:
    assert other != key()


def test_visitors_whose_long_agents_end_differently_are_two() -> None:
    long = f"{PHONE} {'x' * 60_000}"
    assert key(agent=f"{long}1") != key(agent=f"{long}2")


def test_networks_are_what_one_provider_gives_away_at_once() -> None:
    assert network("192.0.2.1") == network("192.0.2.254") != network("192.0.3.1")
    assert network("2001:db8:1:2::1") == network("2001:db8:1:9::1") != network("2001:db8:2::1")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (0, "198.51.100.1", "10.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),  # the first is what the client claims
        (2, "203.0.113.9, 198.51.100.1 ,10.0.0.2", "198.51.100.1"),
        (2, "198.51.100.1", "10.0.0.1"),  # it came past one of them
        (1, "", "10.0.0.1"),
        (2, f"{',' * 60_000}203.0.113.9 , 10.0.0.2", "203.0.113.9"),
    ],
)
def test_behind_proxies_the_client_is_counted_from_the_right(
    proxies: int, forwarded: str, found: str
) -> None:
    assert client_address("10.0.0.1", forwarded, proxies) == found


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "::g"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_origin(text).address is None


@pytest.mark.parametrize("agent", BROWSERS)
def test_browsers_count_also_those_within_other_applications(agent: str) -> None:
    assert invalid_reason(agent) == ""
    assert len(agent) * 2 < invalid._LONGEST_AGENT


ROBOTS = [
    GOOGLEBOT,
    "Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)",
    "Mozilla/5.0 (compatible)",
    "GuzzleHttp/6.5.5 curl/7.81.0 PHP/8.1.2",
    "Jakarta Commons-HttpClient/3.1",
    "Microsoft Outlook",
    OUTLOOK,
    "Mozilla/5.0 (Windows NT 10.0; ko-KR) WindowsPowerShell/5.1.19041.1",
    f"{DESK} Google Page Speed Insights",
    "PHP 8.3",
    *"""facebookexternalhit/1.1 Mozilla/5.0 node python-urllib3/2.5.0 undici Deno/2.4.0
    LWP::Simple/6.77 Java-http-client/21.0.7 PostmanRuntime/7.44.1 ApacheBench/2.3 kube-probe/1.33
    kakaotalk-scrap/1.0 Daumoa PerplexityBot k6/1.1.0 Microsoft-CryptoAPI/10.0 Outlook-iOS/2.0
    """.split(),
]
FEED_READERS = [
    *("Yarr/2.4", "RSSGuard/4.8.6", "AppleSyndication/56.1", "Elfeed 3.4.2"),
    "SimplePie/1.8.0 (Feed Parser; Allow like Gecko)",
    "NetNewsWire (RSS Reader; https://netnewswire.com/)",
    "newsboat/2.21.0 (Linux x86_64)",
]


@pytest.mark.parametrize(
    ("agent", "purpose", "reason"),
    [
        *((agent, "", "robot") for agent in ROBOTS),
        *((agent, "", "feed reader") for agent in FEED_READERS),
        ("", "", "no agent"),
        (" - ", "", "no agent"),
        (DESK.replace("Chrome", "HeadlessChrome"), "", "headless"),
        (DESK, "prefetch", "prefetch"),
        (DESK, "prefetch;prerender", "prefetch"),
        (PHONE, "preview", "prefetch"),
        (GOOGLEBOT, "prefetch", "prefetch"),
    ],
)
def test_who_does_not_count(agent: str, purpose: str, reason: str) -> None:
    assert invalid_reason(agent, purpose) == reason


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("203.0.113.77", "staff"),
        ("::ffff:203.0.113.77", "staff"),
        ("2001:db8:7:1::2", "staff"),
        ("203.0.114.1", ""),
        ("reader.example", ""),
    ],
)
def test_staff_does_not_count_at_any_of_its_addresses(address: str, reason: str) -> None:
    with_staff = visitors(staff=["203.0.113.0/24", "2001:db8:7::/48"])
    assert with_staff.view(Hit("1", NOON, address, DESK)).left_out == reason


def spool_a_view(store: Store, config: Config, folder: Path, address: str = "192.0.2.1") -> View:
    """Let a web process that soon ends accept a view."""
    view = Visitors(config, store.visits.salt).view(Hit("1", NOON, address, PHONE))
    writer = Spool(folder)
    writer.append(view)
    writer.close()
    return view


def test_a_day_stays_open_while_views_of_it_wait(
    store: Store, config: Config, spooled: Path
) -> None:
    with time_machine.travel(NOON, tick=False):
        today = spool_a_view(store, config, spooled).day
        spool_a_view(store, config, spooled)
    with time_machine.travel(NOON + 3 * 24 * 3600, tick=False) as clock:
        with spool._locked(spooled):  # as another process that folds
            for _ in range(3):
                assert rank(store, config)
                clock.shift(1800)
        assert today in store.readers.open_days()
        assert rank(store, config)
    assert today not in store.readers.open_days()
    assert store.readers.by_hour([NOON // 3600]) == {NOON // 3600: (1, 1)}


def test_no_address_is_kept_anywhere(
    store: Store, config: Config, spooled: Path, tmp_path: Path
) -> None:
    address = "198.51.100.213"
    spool_a_view(store, config, spooled, address)
    kept = [path.read_bytes() for path in spooled.iterdir()]
    fold_all(spooled, store)
    kept += [path.read_bytes() for path in tmp_path.glob("newsroom.db*")]
    assert len(kept) > 1
    packed = bytes(map(int, address.split(".")))
    assert not any(address.encode() in each or packed in each for each in kept)
    assert not any(PHONE.encode() in each for each in kept)


def test_what_a_client_sends_at_length_is_cached_and_looked_at_in_part() -> None:
    caches = (_read_origin, invalid._by_agent)
    for each in caches:
        each.cache_clear()
    long = "x" * 60_000
    for number in range(3):
        made = visitors().view(Hit("1", NOON, f"{long}{number}", f"{PHONE} {long}{number}", long))
        assert made.left_out == ""
    assert [each.cache_info().currsize for each in caches] == [1, 1]
