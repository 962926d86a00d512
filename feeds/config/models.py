"""The keys of `config.yaml` and their defaults; only the title and URL of the site have none."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator

from feeds import __version__
from feeds.config import places, validators
from feeds.config.systems import Api, IndexNow, Part, Sql, Webhook, WebSub

# Feeds do not depend on these; pages have digests of their own.
_NOT_IN_FEEDS: Any = {
    "site": {"edit"},
    "store": True,
    "sql": True,
    "aliases": True,
    "api": True,
    "views": True,
    "most_read": {"refresh"},
    "websub": {"signature", "key", "allow_private"},
    "indexnow": True,
    "hooks": True,
    "sections": True,
    "pages": True,
    "serve": {"cache_mb", "min_age", "max_age"},
}


class Site(Part):
    """The newspaper.

    `url` is where feeds and pages are reached from outside, without a slash at its end. `icon` and
    `logo` are pictures; a path in the file is below `url`. The CMS opens an article at `edit`.
    """

    title: validators.Text
    url: validators.SiteUrl
    language: validators.Language = "en"
    timezone: validators.Timezone = "UTC"
    icon: validators.Picture | None = None
    logo: validators.Picture | None = None
    edit: validators.EditUrl | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of dates without an offset."""
        return ZoneInfo(self.timezone)


class Feeds(Part):
    """Every feed.

    `limit` is a number of articles. An article whose body, as safe HTML, is larger than
    `article_kb` is held back. Players of `iframe_hosts` may stay in an article.
    """

    limit: Annotated[int, Field(ge=1, le=1000)] = 50
    article_kb: Annotated[int, Field(ge=1, le=65_536)] = 1024
    content: Literal["full", "summary"] = "full"
    iframe_hosts: validators.Listed[validators.Host] = (
        "www.youtube.com",
        "www.youtube-nocookie.com",
        "player.vimeo.com",
        "tv.naver.com",
        "tv.kakao.com",
        "play-tv.kakao.com",
    )


class MostRead(Part):
    """The most-read feeds.

    `default` is the window of the feed whose path names none. An article is ranked from
    `minimum_readers` on. A feed with fewer articles than `fill` counts a longer window. Articles
    older than `max_age` days are not ranked; 0 means any age. Rankings are renewed every `refresh`
    seconds.
    """

    windows: Annotated[validators.Windows, Field(min_length=1)] = ("3h", "24h", "7d", "30d")
    default: str = "24h"
    limit: Annotated[int, Field(ge=1, le=1000)] = 10
    minimum_readers: Annotated[int, Field(ge=1)] = 2
    fill: Annotated[int, Field(ge=0)] = 5
    max_age: Annotated[int, Field(ge=0, le=36_500)] = 0
    refresh: Annotated[int, Field(ge=1, le=86_400)] = 300

    @property
    def hours(self) -> Mapping[str, int]:
        """The length of each window in hours, in the order of the config."""
        hours = {"h": 1, "d": 24}
        return {window: int(window[:-1]) * hours[window[-1]] for window in self.windows}

    @field_validator("default")
    @classmethod
    def _is_a_window(cls, default: str, info: ValidationInfo) -> str:
        windows = info.data.get("windows", (default,))
        if default not in windows:
            raise ValueError(f"must be one of windows ({', '.join(windows)}), not {default}")
        return default


class Views(Part):
    """Counting readers.

    `spool` is the folder of accepted views that wait to be counted. `proxies` is the number of our
    own proxies, which name the client in X-Forwarded-For. `staff` are networks whose views do not
    count. `addresses` are the paths of articles in access logs. A visitor of more than
    `burst_articles` in a day does not count. A network of more than ten readers of an article
    counts up to `burst_share` percent of its readers in a day, and up to `burst_network` of them.
    A day stays open for late logs until `open_hours` after its end.
    """

    spool: places.Spool = "spool"
    proxies: Annotated[int, Field(ge=0, le=10)] = 0
    staff: validators.Listed[validators.Network] = ()
    addresses: validators.Listed[validators.ArticlePattern] = (
        "/news/{id}",
        "/news/view.php?idx={id}",
        "/news/articleView.html?idxno={id}",
        "/articles/{id}",
    )
    burst_articles: Annotated[int, Field(ge=1)] = 200
    burst_share: Annotated[int, Field(ge=1, le=100)] = 20
    burst_network: Annotated[int, Field(ge=1)] = 100_000
    open_hours: Annotated[int, Field(ge=1, le=168)] = 2


class Serve(Part):
    """Answering readers; ages are in seconds.

    `cache_mb` bounds the documents that one web process holds in memory. Clients are told to keep
    a document between `min_age` and `max_age`, by how often it changes. `deltas` is the number of
    earlier versions from which a client can get only the new entries; 0 turns that off.
    """

    cache_mb: Annotated[int, Field(ge=1)] = 256
    min_age: Annotated[int, Field(ge=0, le=86_400)] = 300
    max_age: Annotated[int, Field(ge=0, le=86_400)] = 1800
    deltas: Annotated[int, Field(ge=0, le=20)] = 4

    @field_validator("max_age")
    @classmethod
    def _not_below_min_age(cls, max_age: int, info: ValidationInfo) -> int:
        min_age = info.data.get("min_age", 0)
        if max_age < min_age:
            raise ValueError(f"cannot be {max_age}, below min_age ({min_age})")
        return max_age


class Section(Part):
    """How pages show a section.

    `slug` is as in the paths of its feeds; `title` stands for its name. `order` is its place,
    counted from 1; by default its place in the file.
    """

    slug: validators.Slug
    title: validators.Text | None = None
    order: int | None = None
    description: validators.Text | None = None


class Config(Part):
    """All settings.

    `store` is the URL of a database, and `sql` has queries by name. `hooks` are told of events.
    `sections` are in the order of pages, and `pages` is a folder of templates, which replace ours.
    `moved` maps a section, author or tag that was renamed to its new path, and one that was given
    up to `gone`. `aliases` maps the path of a feed of the old CMS to the path of a feed below
    `/feeds/`.
    """

    site: Site
    store: places.StoreUrl = "sqlite:///newsroom.db"
    feeds: Feeds = Feeds()
    most_read: MostRead = MostRead()
    views: Views = Views()
    websub: WebSub = WebSub()
    indexnow: IndexNow | None = None
    hooks: validators.Parts[Webhook] = ()
    serve: Serve = Serve()
    sql: validators.Keyed[validators.SqlName, Sql] = Field(default_factory=dict)
    api: Api = Api()
    sections: validators.Parts[Section] = ()
    pages: places.Templates | None = None
    moved: validators.Keyed[validators.TermPath, validators.NewTermPath] = Field(
        default_factory=dict
    )
    aliases: validators.Keyed[validators.OldPath, validators.FeedPath] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _has_every_part_to_validate(cls, keys: object) -> object:
        # A missing site has to name its missing keys; default files become absolute.
        return {"site": {}, "views": {}, "websub": {}, **keys} if isinstance(keys, dict) else keys

    @field_validator("hooks")
    @classmethod
    def _each_once(cls, hooks: tuple[Webhook, ...]) -> tuple[Webhook, ...]:
        validators.refuse_twice([hook.url for hook in hooks])
        return hooks

    @field_validator("sections")
    @classmethod
    def _each_once_in_order(cls, sections: tuple[Section, ...]) -> tuple[Section, ...]:
        validators.refuse_twice([section.slug for section in sections])

        def place(numbered: tuple[int, Section]) -> tuple[int, bool]:
            number, section = numbered
            return (number, True) if section.order is None else (section.order, False)

        return tuple(section for _, section in sorted(enumerate(sections, 1), key=place))

    def fingerprint(self) -> str:
        """Give a value that changes with the software, or with a setting of feeds."""
        shown = self.model_dump(mode="json", exclude=_NOT_IN_FEEDS)
        settings = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()
        return f"{__version__} {settings}"
