"""`feeds.config`: what a config.yaml may say, and what is said about one that cannot be used."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from feeds.config import Config, Site, Views, find, load
from feeds.errors import ConfigError

ROOT = Path(__file__).parent.parent
SITE = "site:\n  title: 관악뉴스\n  url: https://www.news.example\n"

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write ./config.yaml in a folder of its own, and name it as a user would."""
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> Path:
        path = Path("config.yaml")
        path.write_bytes(text.encode())
        return path

    return write


def faults(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        load(path)
    return [line.removeprefix(f"{path}:") for line in str(refused.value).splitlines()]


def test_a_title_and_a_url_are_enough(write: Write) -> None:
    config = load(write(SITE))
    assert config.site.title == "관악뉴스"
    assert config.site.url == "https://www.news.example"
    assert (config.site.language, config.site.timezone) == ("en", "UTC")
    assert (config.feeds.limit, config.feeds.content) == (50, "full")
    assert "www.youtube-nocookie.com" in config.feeds.iframe_hosts
    assert config.most_read.windows == ("3h", "24h", "7d", "30d")
    assert config.most_read.default == "24h"
    assert (config.most_read.limit, config.most_read.minimum_readers) == (10, 2)
    assert (config.most_read.fill, config.most_read.max_age, config.most_read.refresh) == (
        5,
        0,
        300,
    )
    assert (config.views.proxies, config.views.staff, config.views.open_hours) == (0, (), 2)
    assert (config.views.burst_articles, config.views.burst_network) == (200, 100_000)
    assert config.views.burst_share == 20
    assert "/news/view.php?idx={id}" in config.views.addresses
    assert (config.websub.hub, config.websub.allow_private) == ("none", False)
    assert config.aliases == {}


def test_every_key_of_the_contract_is_understood(write: Write) -> None:
    config = load(
        write(
            "site:\n  title: 관악뉴스\n  url: https://www.news.example\n"
            "  language: ko\n  timezone: Asia/Seoul\n"
            "store: postgresql://paper:secret@db/news\n"
            "feeds: {limit: 20, content: summary, iframe_hosts: [TV.Naver.com]}\n"
            "most_read: {windows: [3h, 7d], default: 7d, limit: 5, minimum_readers: 1,\n"
            "  fill: 3, max_age: 30, refresh: 60}\n"
            "views:\n  spool: /var/spool/paper\n  proxies: 1\n  staff: [192.0.2.7]\n"
            "  addresses: ['/read?no={id}']\n"
            "  burst_articles: 50\n  burst_network: 20\n  burst_share: 30\n  open_hours: 6\n"
            "websub: {hub: built-in, allow_private: true}\n"
            "aliases: {/rss/allArticle.xml: latest.rss, /rss/clickTop.xml: most-read.rss}\n"
        )
    )
    assert config.site.zone == ZoneInfo("Asia/Seoul")
    assert config.store == "postgresql://paper:secret@db/news"
    assert config.feeds.content == "summary"
    assert config.feeds.iframe_hosts == ("tv.naver.com",)
    assert config.most_read.default == "7d"
    assert (config.most_read.fill, config.most_read.max_age, config.most_read.refresh) == (
        3,
        30,
        60,
    )
    assert config.views == Views(
        spool="/var/spool/paper",
        proxies=1,
        staff=("192.0.2.7/32",),
        addresses=("/read?no={id}",),
        burst_articles=50,
        burst_network=20,
        burst_share=30,
        open_hours=6,
    )
    assert config.websub.hub == "built-in"
    assert config.websub.allow_private is True
    assert config.aliases["/rss/clickTop.xml"] == "most-read.rss"


def test_the_newspaper_at_the_root_loads() -> None:
    config = load(ROOT / "config.yaml")
    assert config.site == Site(
        title="관악뉴스", url="http://127.0.0.1:8000", language="ko", timezone="Asia/Seoul"
    )
    assert config.store == f"sqlite:///{ROOT / 'newsroom.db'}"


def test_the_newspaper_at_the_root_shows_every_key_with_its_default() -> None:
    shown = load(ROOT / "config.yaml").model_dump(exclude_unset=True, exclude={"site", "aliases"})
    default = Config(site=Site(title="관악뉴스", url="http://127.0.0.1:8000")).model_dump(
        exclude={"site", "aliases"}
    )
    default["store"] = f"sqlite:///{ROOT / 'newsroom.db'}"
    default["views"]["spool"] = str(ROOT / "spool")
    assert shown == default


def test_settings_cannot_be_changed(write: Write) -> None:
    config = load(write(SITE))
    with pytest.raises(ValidationError, match="frozen"):
        config.site.title = "다른 신문"  # type: ignore[misc]


def test_windows_have_a_length_in_hours(write: Write) -> None:
    config = load(write(f"{SITE}most_read: {{windows: [7d, 24h, 1h]}}\n"))
    assert list(config.most_read.hours.items()) == [("7d", 168), ("24h", 24), ("1h", 1)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://www.news.example/", "https://www.news.example"),
        ("https://www.news.example/paper/", "https://www.news.example/paper"),
        ("HTTPS://WWW.News.Example", "https://www.news.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("'http://[::1]:8000/'", "http://[::1]:8000"),
        ("https://한국.example", "https://xn--3e0b707e.example"),
    ],
)
def test_the_address_of_the_site_is_kept_so_that_paths_can_follow(
    write: Write, written: str, kept: str
) -> None:
    assert load(write(f"site:\n  title: 신문\n  url: {written}\n")).site.url == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("/icon.png", "https://www.news.example/paper/icon.png"),
        ("/icon.png?v=2", "https://www.news.example/paper/icon.png?v=2"),
        ("https://CDN.example/icon.png", "https://cdn.example/icon.png"),
    ],
)
@pytest.mark.parametrize("key", ["icon", "logo"])
def test_a_picture_of_the_paper_is_an_address_or_a_path_below_that_of_the_site(
    write: Write, key: str, written: str, kept: str
) -> None:
    site = f"site:\n  {key}: {written}\n  title: 신문\n  url: https://www.news.example/paper/\n"
    assert getattr(load(write(site)).site, f"{key}_url") == kept


@pytest.mark.parametrize(
    "written", ["icon.png", "//cdn.example/icon.png", "/아이콘.png", "ftp://a/b"]
)
def test_a_picture_of_the_paper_that_readers_cannot_fetch_is_refused(
    write: Write, written: str
) -> None:
    (fault,) = faults(write(f"{SITE}  icon: {written}\n"))
    assert fault.startswith("4: site.icon: must be a path such as /icon.png or an address: ")


@pytest.mark.parametrize("tag", ["ko", "ko-KR", "en", "zh-Hant-TW", "es-419", "de-1996", "en-x-us"])
def test_language_tags_are_those_of_bcp_47(write: Write, tag: str) -> None:
    assert load(write(f"{SITE}  language: {tag}\n")).site.language == tag


def test_a_title_is_made_clean_and_one_line(write: Write) -> None:
    path = write('site:\n  title: " 관악\\u0008\\n뉴스 "\n  url: https://www.news.example\n')
    assert load(path).site.title == "관악 뉴스"


def test_the_store_is_found_from_the_config_file_not_from_where_one_stands(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(f"{SITE}store: sqlite:///kept/newsroom.db\n").absolute()
    monkeypatch.chdir("/")
    assert load(path).store == f"sqlite:///{tmp_path}/kept/newsroom.db"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////var/lib/news.db",
        "postgresql+psycopg://db/news",
        "postgresql://db",
        "postgresql://paper:a%40b!#x@db:5432/news?sslmode=require",
        "postgresql://[::1]:5432/news",
        "postgresql:///news",
        "postgresql://paper@/news?host=/run/postgresql",
    ],
)
def test_an_absolute_store_stays_as_it_is(write: Write, url: str) -> None:
    assert load(write(f"{SITE}store: {url}\n")).store == url


def test_the_default_store_lies_beside_the_config_file(write: Write, tmp_path: Path) -> None:
    assert load(write(SITE)).store == f"sqlite:///{tmp_path}/newsroom.db"


@pytest.mark.parametrize(
    ("views", "spool"),
    [
        ("", "{folder}/spool"),
        ("views:\n  # spool: elsewhere\n", "{folder}/spool"),
        ("views: {proxies: 1}\n", "{folder}/spool"),
        ("views: {spool: kept/views}\n", "{folder}/kept/views"),
        ("views: {spool: /var/spool/paper}\n", "/var/spool/paper"),
    ],
)
def test_the_spool_is_found_from_the_config_file_not_from_where_one_stands(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, views: str, spool: str
) -> None:
    path = write(f"{SITE}{views}").absolute()
    monkeypatch.chdir("/")
    assert load(path).views.spool == spool.format(folder=tmp_path)


def test_staff_may_be_given_by_address_or_network(write: Write) -> None:
    staff = '[192.0.2.7, 198.51.100.0/24, "2001:DB8::/32", "::1"]'
    assert load(write(f"{SITE}views: {{staff: {staff}}}\n")).views.staff == (
        "192.0.2.7/32",
        "198.51.100.0/24",
        "2001:db8::/32",
        "::1/128",
    )


def test_a_part_whose_keys_are_all_commented_out_has_its_defaults(write: Write) -> None:
    config = load(write(f"{SITE}feeds:\n  # limit: 20\naliases:\n"))
    assert (config.feeds.limit, config.aliases) == (50, {})


def test_aliases_are_compared_decoded_and_composed(write: Write) -> None:
    config = load(write(f'{SITE}aliases: {{/rss/%EC%A7%80.xml: "sections/\\u110c\\u1175.rss"}}\n'))
    assert config.aliases == {"/rss/지.xml": "sections/지.rss"}


@pytest.mark.parametrize(
    "path", ["/<int:x", "/<x>", "/a|b", "/a b", "//rss", "/{id}", "/(.*)+$", "/*"]
)
def test_an_alias_may_be_any_path(write: Write, path: str) -> None:
    assert load(write(f"{SITE}aliases: {{'{path}': latest.rss}}\n")).aliases == {path: "latest.rss"}


@pytest.mark.parametrize("path", ["/", "/feeds.opml", "/healthz", "/readyz"])
def test_an_alias_cannot_hide_an_address_of_the_service(write: Write, path: str) -> None:
    (fault,) = faults(write(f"{SITE}aliases:\n  {path}: latest.rss\n"))
    assert fault == f"5: aliases.{path}: this service answers there itself; take the alias out"


def test_a_byte_order_mark_is_not_part_of_the_first_key(write: Write) -> None:
    assert load(write(f"\ufeff{SITE}")).site.title == "관악뉴스"


WRONG_VALUES = [
    ("  titel: x", '4: site.titel: no such key (did you mean "title"?)'),
    (
        "colour: red",
        (
            "4: colour: no such key"
            " (there are: site, store, feeds, most_read, views, websub, serve, moved, aliases)"
        ),
    ),
    ("most_read: {windos: [3h]}", '4: most_read.windos: no such key (did you mean "windows"?)'),
    ("  language: ko_KR", '4: site.language: "ko_KR" is not a language tag (BCP 47); write ko-KR'),
    (
        "  language: ko_KR.UTF-8",
        '4: site.language: "ko_KR.UTF-8" is not a language tag (BCP 47); write ko-KR',
    ),
    (
        "  language: korean",
        '4: site.language: "korean" is not a language tag (BCP 47); such as ko, en or zh-Hant-TW',
    ),
    (
        "  language: no",
        (
            "4: site.language: must be text, but found no, which is false in YAML;"
            ' put it in quotes: "no"'
        ),
    ),
    (
        "  timezone: Asia/Soul",
        '4: site.timezone: no such time zone as "Asia/Soul" (did you mean "Asia/Seoul"?)',
    ),
    (
        "  timezone: seoul",
        '4: site.timezone: no such time zone as "seoul" (did you mean "Asia/Seoul"?)',
    ),
    (
        "  timezone: KST",
        '4: site.timezone: no such time zone as "KST" (they look like Asia/Seoul)',
    ),
    (
        'feeds: {limit: "50"}',
        '4: feeds.limit: must be a whole number, but found "50"; write it without quotes',
    ),
    ("feeds: {article_kb: 0}", "4: feeds.article_kb: must be 1 or more, but found 0"),
    ("feeds: {limit: 0}", "4: feeds.limit: must be 1 or more, but found 0"),
    ("feeds: {limit: 1001}", "4: feeds.limit: must be 1000 or less, but found 1001"),
    ("feeds: {limit: 050}", "4: feeds.limit: must be a whole number, but found 050"),
    ("feeds: {limit: 1.5}", "4: feeds.limit: must be a whole number, but found 1.5"),
    (
        "feeds: {limit: yes}",
        "4: feeds.limit: must be a whole number, but found yes, which is true in YAML",
    ),
    ("feeds: {limit: }", "4: feeds.limit: has no value; give it one, or take the key out"),
    ("feeds: {content: all}", "4: feeds.content: must be full or summary, but found all"),
    ("feeds: 50", "4: feeds: must be keys with values, but found 50"),
    (
        "feeds: {iframe_hosts: [https://tv.naver.com]}",
        (
            '4: feeds.iframe_hosts: "https://tv.naver.com" must be a host alone,'
            " such as www.youtube.com"
        ),
    ),
    (
        "feeds: {iframe_hosts: tv.naver.com}",
        "4: feeds.iframe_hosts: must be a list such as [one, two], but found tv.naver.com",
    ),
    (
        "most_read:\n  windows:\n    - 24h\n    - 7w",
        '7: most_read.windows: "7w" must be hours or days, such as 24h or 7d',
    ),
    (
        "most_read: {windows: []}",
        "4: most_read.windows: must be a list of 1 or more, but found a list of 0",
    ),
    ("most_read: {windows: [24h, 24h]}", "4: most_read.windows: the same one is given twice"),
    (
        "most_read: {default: 12h}",
        (
            "4: most_read.default: default (12h) must be one of windows (3h, 24h, 7d, 30d);"
            " windows is not set and has its default"
        ),
    ),
    (
        "most_read:\n  windows: [3h]",
        (
            "5: most_read.windows: default (24h) must be one of windows (3h);"
            " default is not set and has its default"
        ),
    ),
    (
        "serve: {min_age: 3600}",
        (
            "4: serve.min_age: max_age (1800) cannot be below min_age (3600);"
            " max_age is not set and has its default"
        ),
    ),
    (
        "serve: {max_age: 60}",
        (
            "4: serve.max_age: max_age (60) cannot be below min_age (300);"
            " min_age is not set and has its default"
        ),
    ),
    (
        "serve:\n  max_age: 60\n  min_age: 90",
        "6: serve.min_age: max_age (60) cannot be below min_age (90)",
    ),
    (
        "aliases:\n  /rss/1.xml: most-read/3h.rss\n  /rss/2.xml: most-read/12h.rss",
        (
            "6: aliases./rss/2.xml: /rss/2.xml: 12h is not one of most_read.windows"
            " (3h, 24h, 7d, 30d)"
        ),
    ),
    *(
        (
            f"store: {url}",
            (
                "4: store: must be like postgresql://user:password@host:5432/database;"
                ' write "@", ":" and "/" in a password as %40, %3A and %2F'
            ),
        )
        for url in (
            "postgresql://u:p@db:port/news",
            "postgresql://u:p@db:99999/news",
            "'postgresql://u:p@db:/news'",
            "postgresql://u:p@ss@db/news",
            "postgresql://[::1/news",
            '"postgresql://db /news"',
        )
    ),
    (
        "store: sqlite:////tmp",
        "4: store: names a folder; name the file in it that is to be the store",
    ),
    *(
        (
            f"views: {{spool: {path}}}",
            f"4: views.spool: {ROOT / 'LICENSE'} is a file, no folder; name another place",
        )
        for path in (ROOT / "LICENSE", ROOT / "LICENSE/below/it")
    ),
    *(
        (
            f"most_read: {{{key}: {low - 1}}}",
            f"4: most_read.{key}: must be {low} or more, but found {low - 1}",
        )
        for key, low in {"minimum_readers": 1, "fill": 0, "max_age": 0, "refresh": 1}.items()
    ),
    (
        "most_read: {max_age: 36501}",
        "4: most_read.max_age: must be 36500 or less, but found 36501",
    ),
    (
        "most_read: {refresh: 86401}",
        "4: most_read.refresh: must be 86400 or less, but found 86401",
    ),
    ("most_read: {refresh: 5m}", "4: most_read.refresh: must be a whole number, but found 5m"),
    ("most_read: {max_age: 7d}", "4: most_read.max_age: must be a whole number, but found 7d"),
    (
        "most_read: {hours: 3}",
        (
            "4: most_read.hours: no such key (there are: windows, default, limit,"
            " minimum_readers, fill, max_age, refresh)"
        ),
    ),
    ("views: 3", "4: views: must be keys with values, but found 3"),
    ("views: {stuff: [192.0.2.7]}", '4: views.stuff: no such key (did you mean "staff"?)'),
    ("views: {spool: }", "4: views.spool: has no value; give it one, or take the key out"),
    ("views: {spool: 3}", '4: views.spool: must be text, but found 3; put it in quotes: "3"'),
    ("views: {proxies: -1}", "4: views.proxies: must be 0 or more, but found -1"),
    ("views: {proxies: 11}", "4: views.proxies: must be 10 or less, but found 11"),
    (
        "views: {proxies: yes}",
        "4: views.proxies: must be a whole number, but found yes, which is true in YAML",
    ),
    ("views: {burst_articles: 0}", "4: views.burst_articles: must be 1 or more, but found 0"),
    ("views: {burst_network: 0}", "4: views.burst_network: must be 1 or more, but found 0"),
    ("views: {burst_share: 0}", "4: views.burst_share: must be 1 or more, but found 0"),
    ("views: {burst_share: 101}", "4: views.burst_share: must be 100 or less, but found 101"),
    ("views: {open_hours: 0}", "4: views.open_hours: must be 1 or more, but found 0"),
    ("views: {open_hours: 169}", "4: views.open_hours: must be 168 or less, but found 169"),
    (
        "views: {staff: 192.0.2.7}",
        "4: views.staff: must be a list such as [one, two], but found 192.0.2.7",
    ),
    (
        "views:\n  staff:\n    - 192.0.2.7\n    - 192.0.2.7/24",
        (
            "7: views.staff: must be an address or a network such as 192.0.2.0/24:"
            " 192.0.2.7/24 has host bits set"
        ),
    ),
    (
        "views: {staff: [office]}",
        (
            "4: views.staff: must be an address or a network such as 192.0.2.0/24:"
            " 'office' does not appear to be an IPv4 or IPv6 network"
        ),
    ),
    *(
        (
            f'views: {{addresses: ["{pattern}"]}}',
            (
                f'4: views.addresses: "{pattern}" must be a path with one {{id}} in it,'
                " such as /news/{id}"
            ),
        )
        for pattern in (
            "news/{id}",
            "/news",
            "/{id}/{id}",
            "/news/{no}",
            "https://www.news.example/news/{id}",
        )
    ),
    ("websub: {allow_private: 1}", "4: websub.allow_private: must be true or false, but found 1"),
    (
        "websub: {hub: builtin}",
        (
            "4: websub.hub: must be built-in, none or the address of a hub: must be a whole"
            " address such as https://www.news.example"
        ),
    ),
    ("store: mysql://db/news", "4: store: must begin with sqlite:/// or postgresql://"),
    (
        "store: 'sqlite:///:memory:'",
        "4: store: must name a file, such as sqlite:///newsroom.db; memory is not kept",
    ),
    (
        "store: sqlite://",
        "4: store: must name a file, such as sqlite:///newsroom.db; memory is not kept",
    ),
    (
        "aliases:\n  rss/all.xml: latest.rss",
        '5: aliases.rss/all.xml: the old address must begin with "/" and end before "?"',
    ),
    (
        "aliases:\n  /feeds/all.xml: latest.rss",
        (
            "5: aliases./feeds/all.xml: an alias cannot stand below /feeds/,"
            " where the feeds themselves are"
        ),
    ),
    (
        "aliases:\n  /rss/all.xml: /feeds/latest.rss",
        (
            '5: aliases./rss/all.xml: "/feeds/latest.rss" must be a feed below /feeds/,'
            " such as latest.rss"
        ),
    ),
    (
        "aliases:\n  /rss/all.xml: latest.xml",
        '5: aliases./rss/all.xml: "latest.xml" must be a feed below /feeds/, such as latest.rss',
    ),
    ("aliases: [/rss/all.xml]", "4: aliases: must be keys with values, but found a list of 1"),
    ("  title: Again", "4: site.title: given twice, first in line 2; keep one"),
    ("[a, b]: c", "4: a key must be plain text"),
    (
        "store: !!python/object:os.system x",
        '4: store: must be text, but found x; put it in quotes: "x"',
    ),
]


@pytest.mark.parametrize(("line", "fault"), WRONG_VALUES)
def test_a_wrong_value_is_told_with_its_line_its_key_and_what_to_do(
    write: Write, line: str, fault: str
) -> None:
    assert faults(write(f"{SITE}{line}\n")) == [fault]


@pytest.mark.parametrize("folder", ['""', '"  "'])
def test_a_spool_without_a_name_is_refused_in_plain_words(write: Write, folder: str) -> None:
    (fault,) = faults(write(f"{SITE}views: {{spool: {folder}}}\n"))
    assert fault.startswith("4: views.spool: must")


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("www.news.example", "must be a whole address such as https://www.news.example"),
        ("ftp://www.news.example", "must be a whole address such as https://www.news.example"),
        ("https://", "must be a whole address such as https://www.news.example"),
        (
            "https://www.news.example:port",
            "must be a whole address such as https://www.news.example; host or port cannot be read",
        ),
        (
            "https://www..example",
            "must be a whole address such as https://www.news.example; host or port cannot be read",
        ),
        (
            "https://me:pw@www.news.example",
            "must not hold a user name or password; everyone will read it",
        ),
        (
            "https://www.news.example/?a=1",
            'must end before "?" and "#"; feeds and pages are below it',
        ),
        ("https://www.news.example/#", 'must end before "?" and "#"; feeds and pages are below it'),
        (
            "https://www.news.example/신문",
            "blanks and letters beyond ASCII must be percent-encoded",
        ),
        (
            '"https://www.news.example/a\\tb"',
            "blanks and letters beyond ASCII must be percent-encoded",
        ),
    ],
)
def test_an_address_that_feeds_cannot_begin_with_is_refused(
    write: Write, url: str, fault: str
) -> None:
    assert faults(write(f"site:\n  title: 신문\n  url: {url}\n")) == [f"3: site.url: {fault}"]


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        ("2024", 'must be text, but found 2024; put it in quotes: "2024"'),
        ("2024-01-01", 'must be text, but found 2024-01-01; put it in quotes: "2024-01-01"'),
        ('" "', "must not be empty; it is the name of the paper"),
        ("", "has no value; give it one, or take the key out"),
        ("[관악뉴스]", "must be text, but found a list of 1"),
        (r'"\ud800"', "must not be empty; it is the name of the paper"),
    ],
)
def test_a_title_that_is_not_text_is_refused(write: Write, title: str, fault: str) -> None:
    path = write(f"site:\n  title: {title}\n  url: https://www.news.example\n")
    assert faults(path) == [f"2: site.title: {fault}"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("site:\n\ttitle: x\n", "2: not YAML: indented with a tab; use blanks"),
        (
            "site:\n  title: a: b\n",
            (
                "2: not YAML: a colon where none can be: a key needs a blank after its colon,"
                ' and text with ": " in it needs quotes'
            ),
        ),
        (
            "site:\n  title: x\n url: y\n",
            "3: not YAML: does not fit the lines above it; look at indentation and quotes",
        ),
        ("a: 1\nb: 'open\nc: 2\n", "2: not YAML: a quote is opened here and not closed"),
        ("a: 1\nb: {c: 2\nd: 3\n", "2: not YAML: a bracket is opened here and not closed"),
        ("a: @x\n", "1: not YAML: text that begins with @, % or a backtick needs quotes"),
        ("a: *x\n", '1: not YAML: text that begins with "*" needs quotes'),
        (
            "a: 1\n---\nb: 2\n",
            '2: not YAML: a second document begins here ("---"); only one can be read',
        ),
        ("a: 1\nb: \x08\n", "2: not YAML: the character U+0008 is not allowed"),
        (r'a: "\q"', "1: not YAML: found unknown escape character 'q'"),
        ("- site\n", '1: must hold keys with values, such as "site:"'),
        ("관악뉴스\n", '1: must hold keys with values, such as "site:"'),
        ("[" * 5000, "1: nested too deeply"),
        ("a: &a\n  b: *a\n", '2: a.b: repeats with "*" what it stands in itself'),
        ("a:\n  b: &b\n    - 1\n    - *b\n", '2: a.b: repeats with "*" what it stands in itself'),
        (
            "a: &a [" + "0," * 99 + "0]\nb: &b [" + "*a," * 99 + "*a]\nc: [" + "*b," * 99 + "*b]\n",
            "3: c: more values than a file can have",
        ),
    ],
)
def test_a_file_that_is_not_a_mapping_in_yaml_is_told_in_one_plain_line(
    write: Write, text: str, fault: str
) -> None:
    assert faults(write(text)) == [fault]


@pytest.mark.parametrize(
    ("text", "line"), [("", 1), ("# nothing yet\n", 1), ("feeds: {}\n", 1), ("\nsite:\n", 2)]
)
def test_missing_keys_are_named_at_the_nearest_line_above_them(
    write: Write, text: str, line: int
) -> None:
    assert faults(write(text)) == [
        f"{line}: site.title: missing, and there is no default; add it",
        f"{line}: site.url: missing, and there is no default; add it",
    ]


def test_all_faults_are_told_at_once_in_the_order_of_the_file(write: Write) -> None:
    path = write(
        "most_read:\n  windos: [3h]\n  limit: many\n"
        "site:\n  url: news.example\n  url: again\n  language: ko_KR\n"
        "feeds: {limit: -1}\n"
    )
    assert faults(path) == [
        '2: most_read.windos: no such key (did you mean "windows"?)',
        "3: most_read.limit: must be a whole number, but found many",
        "4: site.title: missing, and there is no default; add it",
        "5: site.url: must be a whole address such as https://www.news.example",
        "6: site.url: given twice, first in line 5; keep one",
        '7: site.language: "ko_KR" is not a language tag (BCP 47); write ko-KR',
        "8: feeds.limit: must be 1 or more, but found -1",
    ]


def test_a_password_in_the_store_is_not_repeated_in_the_fault(write: Write) -> None:
    assert "secret" not in faults(write(f"{SITE}store: mysql://paper:secret@db/news\n"))[0]


def test_a_file_in_another_encoding_is_refused_with_the_line_it_shows_in(write: Write) -> None:
    path = write("")
    path.write_bytes("site:\n  title: 관악뉴스\n".encode("cp949"))
    assert faults(path) == ["2: not UTF-8; save the file as UTF-8"]


def test_a_path_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        load(tmp_path)


def test_the_file_named_on_the_command_line_comes_first(write: Write, tmp_path: Path) -> None:
    path = write(SITE)
    other = tmp_path / "other.yaml"
    other.write_text(SITE)
    assert find(other, {"FEEDS_CONFIG": str(path)}) == other
    assert find(None, {"FEEDS_CONFIG": str(other)}) == other
    assert find(None, {"FEEDS_CONFIG": ""}) == path
    assert find(None, {}) == path


def test_a_missing_file_is_never_replaced_by_the_next_one(write: Write) -> None:
    path = write(SITE)
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file; give --config"):
        find(Path("none.yaml"), {"FEEDS_CONFIG": str(path)})
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file; FEEDS_CONFIG names it"):
        find(None, {"FEEDS_CONFIG": "none.yaml"})


def test_without_any_file_the_way_to_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"no config\.yaml in .*--config PATH or FEEDS_CONFIG"):
        find(None, {})


@pytest.mark.parametrize(
    "change",
    [
        "  language: ko",
        "feeds: {limit: 49}",
        "feeds: {iframe_hosts: []}",
        "most_read: {default: 7d}",
        "most_read: {limit: 9}",
        "most_read: {minimum_readers: 3}",
        "most_read: {fill: 4}",
        "most_read: {max_age: 30}",
        "websub: {hub: built-in}",
    ],
)
def test_the_fingerprint_changes_with_what_documents_depend_on(write: Write, change: str) -> None:
    before = load(write(SITE)).fingerprint()
    assert load(write(f"{SITE}{change}\n")).fingerprint() != before


@pytest.mark.parametrize(
    "change",
    [
        "store: sqlite:///other.db",
        "aliases: {/rss/all.xml: latest.rss}",
        "feeds: {content: full, limit: 50}",
        "most_read: {refresh: 60}",
        "views: {staff: [192.0.2.7], proxies: 1, spool: elsewhere}",
        "# a comment",
    ],
)
def test_the_fingerprint_stays_when_documents_stay(write: Write, change: str) -> None:
    before = load(write(SITE)).fingerprint()
    assert load(write(f"{SITE}{change}\n")).fingerprint() == before


def test_the_fingerprint_is_the_same_in_every_process() -> None:
    program = (
        "import sys, pathlib, feeds.config as config;"
        "print(config.load(pathlib.Path(sys.argv[1])).fingerprint())"
    )
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            program,
            ROOT / "config.yaml",
        ],
        env={"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stdout.strip() == load(ROOT / "config.yaml").fingerprint()


@settings(max_examples=60, deadline=None)
@given(
    inserted=st.text(st.sampled_from(" \n:-[]{}'\"!&*#|>%@?,~<0k\t\x08\ud55c"), max_size=4),
    at=st.integers(0),
)
def test_whatever_is_in_the_file_the_answer_is_settings_or_faults(
    tmp_path_factory: pytest.TempPathFactory, inserted: str, at: int
) -> None:
    whole = (ROOT / "config.yaml").read_text()
    at %= len(whole)
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(whole[:at] + inserted + whole[at:])
    told = ""
    try:
        assert load(path).site.title
    except ConfigError as error:
        told = str(error)
    assert all(line.startswith(f"{path}:") for line in told.splitlines())


def test_a_variable_stands_for_the_url_of_the_site(write: Write) -> None:
    path = write(f"{SITE}  language: ko\n")
    config = load(path, {"FEEDS_SITE_URL": "http://127.0.0.1:9304/"})
    assert (config.site.url, config.site.language) == ("http://127.0.0.1:9304", "ko")
    assert config.fingerprint() != load(path).fingerprint()
    assert load(path, {"FEEDS_SITE_URL": ""}) == load(path)


def test_a_variable_that_is_no_url_is_told_by_its_name(write: Write) -> None:
    with pytest.raises(ConfigError, match=r"^FEEDS_SITE_URL: must be a whole address "):
        load(write(SITE), {"FEEDS_SITE_URL": "127.0.0.1:9304"})
