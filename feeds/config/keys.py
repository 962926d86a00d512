"""Which keys `config.yaml` may have, and their defaults; the paper's title and URL have none."""

import hashlib
import json
import operator
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from feeds.config import pairs, rules


def _or_empty(part: object) -> object:
    """A part whose keys are all commented out is an empty part, not a fault."""
    return {} if part is None else part


# What no document depends on.
_UNSEEN: Any = {
    "store": True,
    "aliases": True,
    "views": True,
    "most_read": {"refresh"},
    "serve": {"cache_mb", "min_age", "max_age"},
}


class _Part(BaseModel):
    """Some keys; `PAIRS` are those that depend on one another, as `pairs.check` wants them."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", validate_default=True)
    PAIRS: ClassVar[Mapping[tuple[str, str], tuple[str, pairs.Holds]]] = {}

    @model_validator(mode="before")
    @classmethod
    def _may_be_empty(cls, part: object) -> object:
        return _or_empty(part)

    @field_validator("*")
    @classmethod
    def _agrees_with_earlier_keys(cls, value: object, info: ValidationInfo) -> object:
        # For each key, since pydantic looks at a whole part only once all of its keys are sound.
        pairs.check(cls.PAIRS, str(info.field_name), value, info.data)
        return value


class Site(_Part):
    """The paper; `url` is where feeds and pages are reached from outside, without a last slash.

    `icon` and `logo` are addresses of pictures, or paths below `url`.
    """

    title: Annotated[str, AfterValidator(rules.title)]
    url: Annotated[str, AfterValidator(rules.site_url)]
    language: Annotated[str, AfterValidator(rules.language)] = "en"
    timezone: Annotated[str, AfterValidator(rules.timezone)] = "UTC"
    icon: Annotated[str, AfterValidator(rules.picture)] | None = None
    logo: Annotated[str, AfterValidator(rules.picture)] | None = None

    @property
    def icon_url(self) -> str | None:
        """The address of the paper's icon."""
        return self._absolute(self.icon)

    @property
    def logo_url(self) -> str | None:
        """The address of the paper's logo."""
        return self._absolute(self.logo)

    def _absolute(self, picture: str | None) -> str | None:
        return f"{self.url}{picture}" if picture and picture.startswith("/") else picture

    @property
    def zone(self) -> ZoneInfo:
        """The paper's time zone, in which dates without an offset are meant."""
        return ZoneInfo(self.timezone)


class Feeds(_Part):
    """Every feed; `limit` in articles, `iframe_hosts` whose players may stay in an article.

    An article whose body is larger than `article_kb`, once it is safe HTML, is held back.
    """

    limit: Annotated[int, Field(ge=1, le=1000)] = 50
    article_kb: Annotated[int, Field(ge=1, le=65_536)] = 1024
    content: Literal["full", "summary"] = "full"
    iframe_hosts: tuple[Annotated[str, AfterValidator(rules.iframe_host)], ...] = (
        "www.youtube.com",
        "www.youtube-nocookie.com",
        "player.vimeo.com",
        "tv.naver.com",
        "tv.kakao.com",
        "play-tv.kakao.com",
    )


class MostRead(_Part):
    """The most-read feeds; `default` is the window of the one whose address names none.

    An article needs `minimum_readers`. With fewer articles than `fill` a longer window counts.
    Articles older than `max_age` days are not ranked; 0: however old. The order is made anew every
    `refresh` seconds.
    """

    PAIRS = {
        ("default", "windows"): ("must be one of", lambda default, windows: default in windows),
    }

    windows: Annotated[
        tuple[Annotated[str, AfterValidator(rules.window)], ...],
        Field(min_length=1),
        AfterValidator(rules.each_once),
    ] = ("3h", "24h", "7d", "30d")
    default: str = "24h"
    limit: Annotated[int, Field(ge=1, le=1000)] = 10
    minimum_readers: Annotated[int, Field(ge=1)] = 2
    fill: Annotated[int, Field(ge=0)] = 5
    max_age: Annotated[int, Field(ge=0, le=36_500)] = 0
    refresh: Annotated[int, Field(ge=1, le=86_400)] = 300

    @property
    def hours(self) -> Mapping[str, int]:
        """How long each window is, in the order of the config."""
        return {window: rules.hours(window) for window in self.windows}


class Views(_Part):
    """Counting readers. `spool` is the folder that accepted views are kept in until they count.

    `proxies` of our own stand before the service and name the client in X-Forwarded-For. `staff`
    are addresses and networks that do not count. `addresses` are those of articles in access logs.
    More than `burst_articles` in a day, and a visitor does not count. More than `burst_share`
    percent of an article's readers from one network, if these are more than ten, or more than
    `burst_network` of them, and the further ones do not. A day stays open for late logs until
    `open_hours` after its end.
    """

    spool: str = "spool"
    proxies: Annotated[int, Field(ge=0, le=10)] = 0
    staff: tuple[Annotated[str, AfterValidator(rules.network)], ...] = ()
    addresses: tuple[Annotated[str, AfterValidator(rules.article_address)], ...] = (
        "/news/{id}",
        "/news/view.php?idx={id}",
        "/news/articleView.html?idxno={id}",
        "/articles/{id}",
    )
    burst_articles: Annotated[int, Field(ge=1)] = 200
    burst_share: Annotated[int, Field(ge=1, le=100)] = 20
    burst_network: Annotated[int, Field(ge=1)] = 100_000
    open_hours: Annotated[int, Field(ge=1, le=168)] = 2

    @field_validator("spool")
    @classmethod
    def _absolute_spool(cls, name: str, info: ValidationInfo) -> str:
        return rules.folder(name, (info.context or {}).get("folder"))


class WebSub(_Part):
    """Pushing; `hub` is `built-in`, `none` or a hub's URL.

    `allow_private` lets the built-in hub deliver to addresses that are not globally routable.
    """

    hub: Annotated[str, AfterValidator(rules.hub)] = "none"
    allow_private: bool = False


class Serve(_Part):
    """Answering readers; ages in seconds.

    `cache_mb` bounds the documents that one web process holds in memory. Clients are told to keep
    a document between `min_age` and `max_age`, by how often it changes. `deltas` is how many
    earlier versions a client may come with to get only what is new since; 0 turns that off.
    """

    PAIRS = {("max_age", "min_age"): ("cannot be below", operator.ge)}

    cache_mb: Annotated[int, Field(ge=1)] = 256
    min_age: Annotated[int, Field(ge=0, le=86_400)] = 300
    max_age: Annotated[int, Field(ge=0, le=86_400)] = 1800
    deltas: Annotated[int, Field(ge=0, le=20)] = 4


class Config(_Part):
    """All settings. `store` is a database URL, absolute once loaded from a file.

    `aliases` maps the path of a feed at the paper's old CMS (decoded, NFC, from its first slash)
    to a feed's path below `/feeds/`. `moved` maps a section, author or tag that was renamed
    (`sections/지역`) to what it is called now, and one that was given up to `gone`.
    """

    site: Site
    store: str = "sqlite:///newsroom.db"
    feeds: Feeds = Feeds()
    most_read: MostRead = MostRead()
    views: Views = Views()
    websub: WebSub = WebSub()
    serve: Serve = Serve()
    moved: Annotated[
        Mapping[
            Annotated[str, AfterValidator(rules.term_path)],
            Annotated[str, AfterValidator(rules.new_term_path)],
        ],
        BeforeValidator(_or_empty),
    ] = {}
    aliases: Annotated[
        Mapping[
            Annotated[str, AfterValidator(rules.old_path)],
            Annotated[str, AfterValidator(rules.feed_path)],
        ],
        BeforeValidator(_or_empty),
    ] = {}

    @model_validator(mode="before")
    @classmethod
    def _has_every_part_that_needs_a_look(cls, keys: object) -> object:
        # A missing site is to name the keys it needs; a default folder is to be made absolute.
        return {"site": {}, "views": {}, **keys} if isinstance(keys, dict) else keys

    @field_validator("store")
    @classmethod
    def _absolute_store(cls, url: str, info: ValidationInfo) -> str:
        folder: Path | None = (info.context or {}).get("folder")
        return rules.store(url, folder)

    @field_validator("aliases")
    @classmethod
    def _of_windows_that_there_are(
        cls, aliases: Mapping[str, str], info: ValidationInfo
    ) -> Mapping[str, str]:
        windows = info.data["most_read"].windows if "most_read" in info.data else None
        for old, feed in aliases.items():
            folder, _, window = feed.rpartition(".")[0].rpartition("/")
            if windows and folder == "most-read" and window not in windows:
                what = f"{old}: {window} is not one of most_read.windows ({', '.join(windows)})"
                raise pairs.Disagreement(what, ("aliases", old))
        return aliases

    def fingerprint(self) -> str:
        """A hash that changes with any setting that documents depend on.

        The store and the aliases are left out: no document says anything of them.
        """
        shown = self.model_dump(mode="json", exclude=_UNSEEN)
        return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()
