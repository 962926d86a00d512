"""`feeds.config`: what a config.yaml may say, and how one that cannot be used is refused."""

import json
from collections.abc import Callable
from contextlib import chdir
from operator import attrgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.config import Config, Feeds, Site, find, load
from feeds.errors import ConfigError

ROOT = Path(__file__).parent.parent
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
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


def errors(path: Path) -> list[str]:
    """Load a file that cannot be used; give the lines of the error as `line: key: message`."""
    with pytest.raises(ConfigError) as refused:
        load(path)
    return [line.removeprefix(f"{path}:") for line in str(refused.value).splitlines()]


def test_the_config_at_the_root_documents_every_key_with_its_default() -> None:
    own = {"site", "aliases"}
    config = load(ROOT / "config.yaml")
    assert (config.site.title, config.site.zone) == ("관악뉴스", ZoneInfo("Asia/Seoul"))
    default = Config(site=config.site).model_dump(exclude=own)
    default["store"] = f"sqlite:///{ROOT / 'newsroom.db'}"
    default["views"]["spool"] = str(ROOT / "spool")
    default["websub"]["key"] = str(ROOT / "hub.key")
    assert config.model_dump(exclude_unset=True, exclude=own) == default


def test_a_title_and_a_url_are_enough(write: Write) -> None:
    config = load(write(SITE))
    assert config.site == Site(title="관악뉴스", url="https://www.news.example")
    assert (config.site.language, config.site.timezone) == ("en", "UTC")


def test_every_key_is_understood(write: Write) -> None:
    whole = {
        "site": {
            "title": "관악뉴스",
            "url": "https://www.news.example",
            "language": "ko",
            "timezone": "Asia/Seoul",
            "icon": "https://www.news.example/icon.png",
            "logo": None,
            "edit": "https://cms.news.example/edit?no={id}",
        },
        "store": "postgresql://paper:secret@db/news",
        "feeds": {"limit": 20, "article_kb": 64, "content": "summary", "iframe_hosts": ["a.kr"]},
        "most_read": {"windows": ["3h", "7d"], "default": "7d", "limit": 5, "minimum_readers": 1}
        | {"fill": 3, "max_age": 30, "refresh": 60},
        "views": {"spool": "/var/spool", "proxies": 1, "staff": ["192.0.2.7/32"]}
        | {"addresses": ["/read?no={id}"], "burst_articles": 50, "burst_network": 20}
        | {"burst_share": 30, "open_hours": 6},
        "websub": {"hub": ["built-in", "https://hub.example/"], "signature": "sha512"}
        | {"key": "/var/hub.key", "allow_private": True},
        "indexnow": {"key": "3f1c5e0a", "endpoint": "https://www.bing.com/indexnow"}
        | {"location": "https://www.news.example/key.txt"},
        "hooks": [
            {"url": "https://push.example/", "on": ["published", "most-read"], "secret": WHSEC}
        ],
        "serve": {"cache_mb": 64, "min_age": 60, "max_age": 60, "deltas": 0},
        "sql": {
            "news": {
                "url": "mysql+pymysql://paper:secret@db/cms",
                "query": "SELECT no AS id FROM news",
            }
            | {"newest": "changed", "separators": "|"},
        },
        "api": {
            "hooks": {
                "cms": {"secret": "s", "format": None, "header": None}
                | {"signature": "X-Signature", "event": "$.e", "save": ["a"], "withdraw": ["b"]}
                | {"article": {"id": "$.no"}}
            }
        },
        "sections": [
            {"slug": "지역", "title": "동네", "order": 1, "description": "구의 소식"},
            {"slug": "경제", "title": None, "order": None, "description": None},
        ],
        "pages": str(ROOT / "tests"),
        "moved": {"sections/구정": "sections/지역", "tags/옛날": "gone"},
        "aliases": {"/rss/allArticle.xml": "latest.rss", "/rss/clickTop.xml": "most-read/3h.rss"},
    }
    config = load(write(json.dumps(whole)))  # JSON is YAML
    assert config.model_dump(mode="json") == whole
    assert list(config.most_read.hours.items()) == [("3h", 3), ("7d", 168)]


@pytest.mark.parametrize(
    ("written", "store", "spool"),
    [
        ("", "sqlite:///{folder}/newsroom.db", "{folder}/spool"),
        ("views: {proxies: 1}", "sqlite:///{folder}/newsroom.db", "{folder}/spool"),
        (
            "store: sqlite:///kept/news.db\nviews: {spool: kept/views}",
            "sqlite:///{folder}/kept/news.db",
            "{folder}/kept/views",
        ),
        (
            "store: sqlite:////var/lib/news.db\nviews: {spool: /var/spool}",
            "sqlite:////var/lib/news.db",
            "/var/spool",
        ),
    ],
)
def test_relative_paths_begin_in_the_folder_of_the_file(
    write: Write, tmp_path: Path, written: str, store: str, spool: str
) -> None:
    path = write(f"{SITE}{written}\n").absolute()
    with chdir("/"):
        config = load(path)
    assert config.store == store.format(folder=tmp_path)
    assert config.views.spool == spool.format(folder=tmp_path)


def test_templates_are_in_a_folder_beside_the_file(write: Write, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    assert load(write(f"{SITE}pages: own/\n").absolute()).pages == str(tmp_path / "own")


def test_sections_are_in_the_order_of_pages_and_have_slugs_as_feeds_do(write: Write) -> None:
    listed = "".join(
        f"  - {{slug: {slug}{order}}}\n"
        for slug, order in (
            (r'"\u110c\u1175\u110b\u1167\u11a8"', ""),
            ("Culture & Arts", ", order: 9"),
            ("스포츠", ""),
            ("'%EA%B2%BD%EC%A0%9C'", ", order: 1"),
        )
    )
    sections = load(write(f"{SITE}sections:\n{listed}")).sections
    assert [one.slug for one in sections] == ["경제", "지역", "스포츠", "culture-arts"]


def with_lines(written: str) -> str:
    """Give a sound file with these lines at its end, instead of its own for the same keys."""
    keys = tuple(line.partition(":")[0] + ":" for line in written.splitlines())
    return (
        "".join(line for line in SITE.splitlines(keepends=True) if not line.startswith(keys))
        + written
    )


@pytest.mark.parametrize(
    ("written", "key", "kept"),
    [
        (r'  title: " 관악\u0008\n뉴스 "', "site.title", "관악 뉴스"),
        ("  title: 12:30", "site.title", "12:30"),
        ("  title: '2024'", "site.title", "2024"),
        *(
            (f"  url: {written}", "site.url", kept)
            for written, kept in (
                ("https://www.news.example/paper/", "https://www.news.example/paper"),
                ("HTTPS://WWW.News.Example", "https://www.news.example"),
                ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
                ("'http://[::1]:8000/'", "http://[::1]:8000"),
                ("https://한국.example", "https://xn--3e0b707e.example"),
            )
        ),
        ("  url: http://a.b/c/\n  icon: /i.png?v=2", "site.icon", "http://a.b/c/i.png?v=2"),
        ("  icon: https://CDN.example/i.png", "site.icon", "https://cdn.example/i.png"),
        ("  logo: /logo.png", "site.logo", "https://www.news.example/logo.png"),
        *((f"  language: {tag}", "site.language", tag) for tag in ("ko-KR", "zh-Hant-TW")),
        *(
            (f"store: {url}", "store", url)
            for url in (
                "postgresql+psycopg://db",
                "postgresql://paper:a%40b!#x@db:5432/news?sslmode=require",
                "postgresql://[::1]:5432/news",
                "postgresql://paper@/news?host=/run/postgresql",
            )
        ),
        ("feeds:\n  # limit: 20", "feeds", Feeds()),
        ("aliases:", "aliases", {}),
        ("websub: {allow_private: yes}", "websub.allow_private", True),
        ("websub: {hub: none}", "websub.hub", ()),
        ("websub: {hub: https://Hub.example}", "websub.hub", ("https://hub.example",)),
        ("websub: {hub: [built-in, http://a.b/]}", "websub.hub", ("built-in", "http://a.b/")),
        ("indexnow:", "indexnow", None),
        ("indexnow:\n  # key: 12345678", "indexnow", None),
        ("indexnow: {key: 3F1c-5e0}", "indexnow.key", "3F1c-5e0"),
        ("indexnow: {key: 3F1c-5e0}", "indexnow.endpoint", "https://api.indexnow.org/indexnow"),
        ("hooks:", "hooks", ()),
        ("hooks:\n  # - url: https://a.b", "hooks", ()),
        ("websub: {allow_private: Off}", "websub.allow_private", False),
        ("aliases: {/rss/%EC%A7%80.xml: latest.rss}", "aliases", {"/rss/지.xml": "latest.rss"}),
        (r'aliases: {/x: "sections/\u110c\u1175.rss"}', "aliases", {"/x": "sections/지.rss"}),
        *(
            (f"aliases: {{'{path}': latest.rss}}", "aliases", {path: "latest.rss"})
            for path in ("/a b", "//rss", "/(.*)+$")
        ),
        *(
            (f"  edit: '{written}'", "site.edit", kept)
            for written, kept in (
                ("https://cms.example/{id}/edit", "https://cms.example/{id}/edit"),
                ("https://cms.example/글?no={id}", "https://cms.example/%EA%B8%80?no={id}"),
            )
        ),
        ("sections:\n  # - slug: 지역", "sections", ()),
        ("pages:", "pages", None),
        ("moved: {'tags/Old  Name': tags/new}", "moved", {"tags/old-name": "tags/new"}),
        (
            'views: {staff: [192.0.2.7, 198.51.100.0/24, "2001:DB8::/32", "::1"]}',
            "views.staff",
            ("192.0.2.7/32", "198.51.100.0/24", "2001:db8::/32", "::1/128"),
        ),
    ],
)
def test_a_value_is_kept_in_the_form_that_it_is_used_in(
    write: Write, written: str, key: str, kept: Any
) -> None:
    assert attrgetter(key)(load(write(with_lines(f"{written}\n")))) == kept


# Lines, the line and key that the error names, and the decisive words of its message.
REFUSED = [
    *((f"  title: {title}", "3: site.title", "") for title in ("2024", '" "', "", r'"\ud800"')),
    *(
        (f"  url: {url}", "3: site.url", words)
        for url, words in (
            ("www.news.example", "https://www.news.example"),
            ("https://www.news.example:port", "is not an address"),
            ("https://me:pw@www.news.example", "user name or password"),
            ("https://www.news.example/?a=1", 'must end before "?" and "#"'),
        )
    ),
    ("  titel: x", "4: site.titel", 'no such key (did you mean "title"?)'),
    ("most_read: {windos: [3h]}", "4: most_read.windos", 'did you mean "windows"?'),
    ("  language: ko_KR.UTF-8", "4: site.language", 'write "ko-KR"'),
    ("  language: korean", "4: site.language", "BCP 47"),
    ("  timezone: Asia/Soul", "4: site.timezone", 'did you mean "Asia/Seoul"?'),
    ("  timezone: KST", "4: site.timezone", "such as Asia/Seoul"),
    ("  icon: icon.png", "4: site.icon", "/icon.png, or a URL"),
    ("  icon: //cdn.example/icon.png", "4: site.icon", "/icon.png, or a URL"),
    ("store: mysql://paper:secret@db/news", "4: store", "must begin with sqlite:///"),
    *(
        (f"store: '{url}'", "4: store", "must name a file")
        for url in ("sqlite:///:memory:", "sqlite://")
    ),
    ("store: sqlite:////tmp", "4: store", "folder"),
    *(
        (f'store: "{url}"', "4: store", "%40")
        for url in (
            "postgresql://u:p@db:port/news",
            "postgresql://u:p@ss@db/news",
        )
    ),
    (
        "sql: {news: {url: 'a:secret@b', query: a}}",
        "4: sql.news.url",
        "must be like mysql+pymysql:",
    ),
    ("sql: {news: {url: sqlite:////tmp, query: a}}", "4: sql.news.url", "names a folder"),
    ("sql: {My-News: {url: a://b, query: a}}", "4: sql.My-News", "lower-case letters, digits"),
    ("feeds: {iframe_hosts: [https://a.b]}", "4: feeds.iframe_hosts[0]", "a host alone"),
    *(
        (f"{part}: {{{key}: {value}}}", f"4: {part}.{key}", f"{bound}")
        for part, key, value, bound in (
            ("feeds", "limit", 0, "1 or more"),
            ("feeds", "limit", 1001, "1000 or less"),
            ("feeds", "article_kb", 0, "1 or more"),
            ("most_read", "fill", -1, "0 or more"),
            ("most_read", "refresh", 86401, "86400 or less"),
            ("views", "proxies", 11, "10 or less"),
            ("views", "burst_share", 101, "100 or less"),
            ("serve", "deltas", 21, "20 or less"),
        )
    ),
    ("most_read:\n  windows:\n    - 24h\n    - 7w", "7: most_read.windows[1]", "hours or days"),
    ("most_read: {windows: [24h, 24h]}", "4: most_read.windows", "twice"),
    ("most_read:\n  default: 12h", "5: most_read.default", "windows (3h, 24h, 7d, 30d)"),
    ("most_read: {windows: [3h]}", "4: most_read.default", "windows (3h), not 24h"),
    ("serve: {min_age: 3600}", "4: serve.max_age", "1800, below min_age (3600)"),
    ("serve:\n  max_age: 60\n  min_age: 90", "5: serve.max_age", "60, below min_age (90)"),
    *(
        (f"views: {{spool: {path}}}", "4: views.spool", f"{ROOT / 'LICENSE'} is a file")
        for path in (ROOT / "LICENSE", ROOT / "LICENSE/below/it")
    ),
    ("views: {spool: '  '}", "4: views.spool", "name of a folder"),
    ("views:\n  staff: [192.0.2.7, 192.0.2.7/24]", "5: views.staff[1]", "host bits"),
    ("views: {staff: [office]}", "4: views.staff[0]", "192.0.2.0/24"),
    *(
        (f'views: {{addresses: ["{pattern}"]}}', "4: views.addresses[0]", "one {id} in it")
        for pattern in ("news/{id}", "/news", "/{id}/{id}")
    ),
    ("websub: {hub: builtin}", "4: websub.hub[0]", "built-in, none, or a URL"),
    ("websub: {hub: [none]}", "4: websub.hub[0]", "built-in, none, or a URL"),
    ("websub: {signature: md5}", "4: websub.signature", '"sha256"'),
    ("websub: {key: ''}", "4: websub.key", "must name a file"),
    ("websub: {key: /tmp}", "4: websub.key", "must name a file"),
    ("indexnow: {key: 한글한글한글한글}", "4: indexnow.key", "8 to 128 of a-z"),
    ("indexnow: {key: 3f1c5e0}", "4: indexnow.key", "`feeds indexnow` makes a key"),
    (
        "indexnow:\n  key: 3f1c5e0a\n  location: /a.txt",
        "6: indexnow.location",
        "must be an http(s) URL",
    ),
    *(
        (f"  edit: {url}", "4: site.edit", words)
        for url, words in (
            ("https://cms.example/edit", "{id} in it once"),
            ("https://cms.example/{id}/{id}", "{id} in it once"),
            ("/edit/{id}", "must be an http(s) URL"),
            ("https://{id}.example", "is not an address"),
        )
    ),
    ("sections:\n  - slug: ' '", "5: sections[0].slug", "must not be empty"),
    ("views: {addresses: }", "4: views.addresses", "has no value"),
    ("websub: {hub: }", "4: websub.hub", "has no value"),
    ("sections:\n  - slug: A B\n  - slug: a-b", "4: sections", "must not list a-b twice"),
    ("pages: none", "4: pages", '"none" is not a folder'),
    ("pages: config.yaml", "4: pages", '"config.yaml" is not a folder'),
    ("moved:\n  지역: gone", "5: moved.지역", "such as sections/지역"),
    ("moved:\n  tags/a: b", "5: moved.tags/a", "such as sections/지역"),
    ("aliases:\n  rss/a.xml: latest.rss", "5: aliases.rss/a.xml", 'begin with "/"'),
    ("aliases:\n  /feeds/a.xml: latest.rss", "5: aliases./feeds/a.xml", "below /feeds/"),
    ("aliases:\n  /feeds.opml: latest.rss", "5: aliases./feeds.opml", "an address of this"),
    ("aliases:\n  /a.xml: /feeds/latest.rss", "5: aliases./a.xml", "such as latest.rss"),
    ("aliases:\n  /a: latest.rss\n  /b: most-read/12h.rss", "6: aliases./b", "12h is not one of"),
    ("store: !!python/object:os.system x", "4: store", "must be text"),
    (
        "api: {hooks: {My CMS: {format: ghost, secret: s}}}",
        "4: api.hooks.My CMS",
        "part of an address",
    ),
]


@pytest.mark.parametrize(("written", "where", "words"), REFUSED)
def test_a_wrong_value_is_refused_with_its_line_its_key_and_what_to_write(
    write: Write, written: str, where: str, words: str
) -> None:
    (error,) = errors(write(with_lines(f"{written}\n")))
    assert error.startswith(f"{where}: ")
    assert words in error
    assert "secret" not in error


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("site:\n\ttitle: x\n", 2, r"'\t'"),
        ("site:\n  title: x\n url: y\n", 3, "expected <block end>"),
        ("a: 1\nb: 'open\nc: 2\n", 4, "quoted scalar that begins in line 2"),
        ("a: 1\n---\nb: 2\n", 2, "another document"),
        ("a: 1\nb: \x08\n", 2, "U+0008"),
        ("a:  # which ruamel.yaml cannot keep\n  |\n\nc: 1\n", 1, "overlap in comment"),
        ("a: 1\nstore: secret\nstore: secret\n", 3, 'duplicate key "store"'),
        ("관악뉴스\n", 1, "must be keys with values"),
        ("[" * 5000, 1, "recursion"),
    ],
)
def test_a_file_that_is_no_mapping_in_yaml_is_refused_in_one_sentence(
    write: Write, text: str, line: int, words: str
) -> None:
    (error,) = errors(write(text))
    assert error.startswith(f"{line}: ")
    assert words in error
    assert "secret" not in error


@pytest.mark.parametrize(
    ("text", "line"), [("", 1), ("# nothing yet\n", 1), ("feeds: {}\n", 1), ("\nsite:\n", 2)]
)
def test_a_missing_key_is_named_at_the_nearest_line_above_it(
    write: Write, text: str, line: int
) -> None:
    assert errors(write(text)) == [
        f"{line}: site.title: is missing",
        f"{line}: site.url: is missing",
    ]


def test_all_errors_are_told_at_once_in_the_order_of_the_file(write: Write) -> None:
    path = write(
        "most_read:\n  windos: [3h]\n  limit: many\n"
        "site:\n  url: news.example\n  language: ko_KR\n"
        "feeds: {limit: -1}\n"
    )
    assert [error[: error.index(": ", 3)] for error in errors(path)] == [
        "2: most_read.windos",
        "3: most_read.limit",
        "4: site.title",
        "5: site.url",
        "6: site.language",
        "7: feeds.limit",
    ]


def test_a_file_is_utf_8_with_or_without_a_byte_order_mark(write: Write) -> None:
    assert load(write(f"\ufeff{SITE}")).site.title == "관악뉴스"
    path = write("")
    path.write_bytes("site:\n  title: 관악뉴스\n".encode("cp949"))
    assert errors(path) == ["2: not UTF-8; save the file as UTF-8"]


def test_a_path_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)"):
        load(tmp_path)


def test_a_missing_file_is_never_replaced_by_the_next_one(write: Write) -> None:
    path = write(SITE)
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file; --config "):
        find(Path("none.yaml"), {"FEEDS_CONFIG": str(path)})
    with pytest.raises(ConfigError, match=r"none\.yaml: no such file; FEEDS_CONFIG "):
        find(None, {"FEEDS_CONFIG": "none.yaml"})
    path.unlink()
    with pytest.raises(ConfigError, match=r"no config\.yaml in .*--config PATH or FEEDS_CONFIG"):
        find(None, {})


def test_the_fingerprint_changes_with_what_documents_depend_on_and_nothing_else(
    write: Write,
) -> None:
    before = load(write(SITE)).fingerprint()
    for change in (
        "  language: ko",
        "feeds: {limit: 49}",
        "feeds: {iframe_hosts: []}",
        "most_read: {default: 7d}",
        "most_read: {minimum_readers: 3}",
        "websub: {hub: none}",
        "websub: {hub: [built-in, https://hub.example/]}",
    ):
        assert load(write(f"{SITE}{change}\n")).fingerprint() != before
    for change in (
        "store: sqlite:///other.db",
        "aliases: {/rss/all.xml: latest.rss}",
        "feeds: {content: full, limit: 50}",
        "most_read: {refresh: 60}",
        "sql: {news: {url: a://b, query: c}}",
        "views: {staff: [192.0.2.7], proxies: 1, spool: elsewhere}",
        "websub: {hub: built-in, signature: sha512, key: other.key, allow_private: true}",
        "sections: [{slug: 지역}]",
        "indexnow: {key: 3f1c5e0a}",
        f"hooks: [{{url: 'http://a.b', on: [updated], secret: {WHSEC}}}]",
        "pages: ..",
        "  edit: https://cms.example/{id}",
        "# a comment",
    ):
        assert load(write(f"{SITE}{change}\n")).fingerprint() == before


@settings(max_examples=60, deadline=None)
@given(
    inserted=st.text(st.sampled_from(" \n:-[]{}'\"!&*#|>%@?,~<0k\t\x08\ud55c"), max_size=4),
    at=st.integers(0),
)
def test_any_file_gives_settings_or_errors_with_lines(
    tmp_path_factory: pytest.TempPathFactory, inserted: str, at: int
) -> None:
    whole = (ROOT / "config.yaml").read_text()
    at %= len(whole)
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(whole[:at] + inserted + whole[at:])
    said = ""
    try:
        assert load(path).site.title
    except ConfigError as error:
        said = str(error)
    assert all(line.startswith(f"{path}:") for line in said.splitlines())


def test_a_variable_replaces_the_url_of_the_site(write: Write) -> None:
    path = write(f"{SITE}  language: ko\n")
    config = load(path, {"FEEDS_SITE_URL": "http://127.0.0.1:9304/"})
    assert (config.site.url, config.site.language) == ("http://127.0.0.1:9304", "ko")
    assert config.fingerprint() != load(path).fingerprint()
    assert load(path, {"FEEDS_SITE_URL": ""}) == load(path)
    with pytest.raises(ConfigError, match=r"^FEEDS_SITE_URL: must be an http\(s\) URL"):
        load(path, {"FEEDS_SITE_URL": "www.news.example"})


def test_a_variable_replaces_the_url_of_a_query(write: Write) -> None:
    path = write(f"{SITE}sql:\n  news: {{query: a}}\n  old: {{url: 'a://b', query: b}}\n")
    config = load(path, {"FEEDS_SQL_NEWS": "mysql+pymysql://paper:secret@db/cms"})
    urls = {name: query.url for name, query in config.sql.items()}
    assert urls == {"news": "mysql+pymysql://paper:secret@db/cms", "old": "a://b"}
    with pytest.raises(
        ConfigError, match=r"^FEEDS_SQL_NEWS: must be like mysql\+pymysql:"
    ) as refused:
        load(path, {"FEEDS_SQL_NEWS": "paper:secret@db"})
    assert "secret" not in str(refused.value)


HOOK = "api:\n  hooks:\n    cms:\n"
OWN = "      header: X-Secret\n      article: {id: $.no}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OWN, "6: api.hooks.cms.secret: is missing"),
        (f"      secret: 비밀\n{OWN}", "7: api.hooks.cms.secret: must be"),
        ("      secret: s\n      format: gohst\n", '8: api.hooks.cms.format: must be "ghost"'),
        ("      secret: s\n", "6: api.hooks.cms: needs either format or article"),
        ("      secret: s\n      format: wordpress\n", "6: api.hooks.cms: needs either header or"),
        (
            "      secret: s\n      format: ghost\n      header: X-Secret\n",
            "6: api.hooks.cms: needs no header or signature",
        ),
        (
            "      secret: s\n      header: X-S\n      article:\n        id: article.no\n",
            '10: api.hooks.cms.article.id: "article.no" is not a JSONPath query',
        ),
        (
            "      secret: s\n      header: X-S\n      article:\n        titel: $.t\n",
            '10: api.hooks.cms.article.titel: no such key (did you mean "title"?)',
        ),
        (
            "      secret: s\n      header: X-S\n      article: {title: $.t}\n",
            "6: api.hooks.cms: needs article.id",
        ),
        (f"      secret: s\n      event: $.e\n{OWN}", "6: api.hooks.cms: needs save"),
        (f"      secret: s\n      withdraw: [x]\n{OWN}", "6: api.hooks.cms: needs event"),
        ("      secret: s\n      header: 'X S'\n", "8: api.hooks.cms.header: "),
    ],
)
def test_a_hook_that_cannot_be_used_is_refused(write: Write, text: str, expected: str) -> None:
    found = errors(write(SITE + HOOK + text))
    assert any(each.startswith(expected) for each in found), found


def test_the_secret_of_a_hook_may_come_from_the_environment(write: Write) -> None:
    path = write(f"{SITE}api: {{hooks: {{my-cms: {{format: ghost}}}}}}\n")
    config = load(path, {"FEEDS_HOOK_MY_CMS": "s3cret"})
    assert config.api.hooks["my-cms"].secret == "s3cret"
    assert "s3cret" not in repr(config)


TOLD = "  - url: http://a.b\n    on: [updated]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            TOLD.replace("http://", "") + "    secret: {secret}\n",
            "5: hooks[0].url: must be an http(s) URL",
        ),
        (
            TOLD.replace("updated", "") + "    secret: {secret}\n",
            "6: hooks[0].on: must have 1 or more",
        ),
        (
            TOLD.replace("updated", "update") + "    secret: {secret}\n",
            "6: hooks[0].on[0]: must be",
        ),
        (TOLD, "5: hooks[0].secret: is missing; write it here, or set the variable FEEDS_WEBHOOK_"),
        (TOLD + "    secret: whsec_c2VjcmV0\n", "7: hooks[0].secret: must be whsec_ and 24 to 64"),
        (TOLD + "    secret: whsec_*\n", "7: hooks[0].secret: must be whsec_ and 24 to 64 random"),
        (2 * (TOLD + "    secret: {secret}\n"), "4: hooks: must not list http://a.b twice"),
    ],
)
def test_a_webhook_that_cannot_be_told_is_refused(write: Write, text: str, expected: str) -> None:
    (found,) = errors(write(f"{SITE}hooks:\n{text.format(secret=WHSEC)}"))
    assert found.startswith(expected)
    assert "c2VjcmV0" not in found


def test_the_secrets_of_webhooks_may_come_from_the_environment(write: Write) -> None:
    hooks = "".join(f"  - {{url: 'http://{host}', on: [updated]}}\n" for host in "ab")
    path = write(f"{SITE}hooks:\n{hooks}")
    variables = {"FEEDS_WEBHOOK_1": WHSEC, "FEEDS_WEBHOOK_2": f"{WHSEC[:-4]}AAAA"}
    config = load(path, variables)
    assert [hook.secret for hook in config.hooks] == list(variables.values())
    assert WHSEC not in repr(config)
    with pytest.raises(ConfigError, match=r"^FEEDS_WEBHOOK_2: must be whsec_"):
        load(path, variables | {"FEEDS_WEBHOOK_2": "secret"})
    for listed in ("", "text", "{a: b}", "[text]"):
        path = write(f"{SITE}hooks: {listed}\n")
        assert "WEBHOOK" not in str(said(path, variables))


def said(path: Path, variables: dict[str, str]) -> object:
    """Give the settings of a file, or the errors in it."""
    try:
        return load(path, variables)
    except ConfigError as error:
        return error
