"""Who is one visitor, who does not count, and that no address is kept."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

from feeds.config import Config
from feeds.mostread import rank_all
from feeds.readership import Days, LeftOut, Opened, Spool, Visitors, client_address, fold_all
from feeds.readership.address import read_origin
from feeds.readership.fold import _alone_in
from feeds.readership.visitors import start_of
from feeds.storage import Store
from feeds.worker import rank
from tests.readers import DESK, GOOGLEBOT, PHONE

NOON = 1_772_420_400  # 2 March 2026, 12:00 in Seoul
A_DAY = 86_400
KAKAO = f"{PHONE} KAKAOTALK 25.4.1"
NAVER = f"{PHONE} NAVER(inapp; search; 2000; 12.9.1; 14PRO)"


def visitors(secret: bytes = b"x" * 32) -> Visitors:
    return Visitors(
        Days(ZoneInfo("Asia/Seoul"), lambda day: secret + bytes([day % 256])), LeftOut(())
    )


def key(address: str = "192.0.2.1", agent: str = PHONE, moment: int = NOON) -> int:
    return visitors().view(Opened("1", moment, address, agent)).visitor


def network(address: str) -> int:
    return visitors().view(Opened("1", NOON, address, PHONE)).network


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
        key("2001:db8::1"),
        key("", ""),
        key("reader.example"),
    ],
)
def test_two_visitors(other: int) -> None:
    assert other != key()


def test_a_secret_of_its_own_makes_a_visitor_another_one() -> None:
    opened = Opened("1", NOON, "192.0.2.1", PHONE)
    assert visitors().view(opened).visitor != visitors(b"y" * 32).view(opened).visitor


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
    ],
)
def test_behind_proxies_the_client_is_counted_from_the_right(
    proxies: int, forwarded: str, found: str
) -> None:
    assert client_address("10.0.0.1", forwarded, proxies) == found


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "::g"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_origin(text).address is None


@pytest.mark.parametrize("agent", [PHONE, DESK, KAKAO, NAVER])
def test_browsers_count_also_those_within_other_applications(agent: str) -> None:
    assert LeftOut(()).reason(Opened("1", 0, "", agent), None) == ""


@pytest.mark.parametrize(
    ("agent", "purpose", "reason"),
    [
        ("", "", "no agent"),
        (" - ", "", "no agent"),
        (GOOGLEBOT, "", "robot"),
        ("Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)", "", "robot"),
        ("facebookexternalhit/1.1", "", "robot"),
        ("curl/8.14.1", "", "robot"),
        ("Mozilla", "", "robot"),
        ("Mozilla/5.0", "", "robot"),
        ("Mozilla/5.0 (compatible)", "", "robot"),
        ("node", "", "robot"),
        ("Node.js", "", "robot"),
        ("Java/17.0.2", "", "robot"),
        ("NetNewsWire (RSS Reader; https://netnewswire.com/)", "", "feed reader"),
        ("newsboat/2.21.0 (Linux x86_64)", "", "feed reader"),
        (DESK.replace("Chrome", "HeadlessChrome"), "", "headless"),
        (DESK, "prefetch", "prefetch"),
        (DESK, "prefetch;prerender", "prefetch"),
        (GOOGLEBOT, "prefetch", "prefetch"),
    ],
)
def test_who_does_not_count(agent: str, purpose: str, reason: str) -> None:
    assert LeftOut(()).reason(Opened("1", 0, "", agent, purpose), None) == reason


def test_staff_does_not_count_at_any_of_its_addresses() -> None:
    left_out = LeftOut(["203.0.113.0/24", "2001:db8:7::/48"])
    for address, reason in {
        "203.0.113.77": "staff",
        "::ffff:203.0.113.77": "staff",
        "2001:db8:7:1::2": "staff",
        "203.0.114.1": "",
        "reader.example": "",
    }.items():
        opened = Opened("1", 0, address, DESK)
        assert left_out.reason(opened, read_origin(address).address) == reason


def test_the_secret_of_a_day_is_destroyed_once_it_is_over_and_counted(
    store: Store, config: Config, spooled: Path
) -> None:
    visitors, spool = Visitors.of(store, config), Spool(spooled)
    today = visitors.days.of(NOON)
    end = start_of(today + 1, config.site.zone)
    with time_machine.travel(NOON, tick=False):
        spool.append(visitors.view(Opened("1", NOON, "192.0.2.1", PHONE)))
        spool.close()
        fold_all(spooled, store)
    for moment, still_open in ((end, True), (end + 2 * 3600 - 1, True), (end + 2 * 3600, False)):
        rank_all(store, config, datetime.fromtimestamp(moment, UTC))
        assert (today in store.counting.open_days()) == still_open
    assert sum(store.rankings.by_hour([NOON // 3600])[NOON // 3600]) == 2  # a reader, an article


def test_a_day_stays_open_while_views_of_it_wait(
    store: Store, config: Config, spooled: Path
) -> None:
    visitors = Visitors.of(store, config)
    today = visitors.days.of(NOON)
    with time_machine.travel(NOON, tick=False):
        for _ in range(2):
            spool = Spool(spooled)
            spool.append(visitors.view(Opened("1", NOON, "192.0.2.1", PHONE)))
            spool.close()
    with time_machine.travel(NOON + 3 * 24 * 3600, tick=False):
        with _alone_in(spooled):  # as another process that folds
            assert rank(store, config)
        assert today in store.counting.open_days()
        assert rank(store, config)
    assert today not in store.counting.open_days()
    assert store.rankings.by_hour([NOON // 3600]) == {NOON // 3600: (1, 1)}


def test_no_address_is_kept_anywhere(
    store: Store, config: Config, spooled: Path, tmp_path: Path
) -> None:
    visitors, spool = Visitors.of(store, config), Spool(spooled)
    address = "198.51.100.213"
    spool.append(visitors.view(Opened("1", NOON, address, PHONE)))
    kept = [path.read_bytes() for path in spooled.iterdir()]
    fold_all(spooled, store)
    kept += [path.read_bytes() for path in tmp_path.glob("newsroom.db*")]
    assert len(kept) > 1
    packed = bytes(map(int, address.split(".")))
    assert not any(address.encode() in each or packed in each for each in kept)
    assert not any(PHONE.encode() in each for each in kept)
