"""The settings of other systems: databases and a CMS to take articles from, receivers to tell."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from feeds.config import places, validators

Event = Literal["published", "updated", "withdrawn", "most-read"]
"""The events that a webhook can ask for."""


class Part(BaseModel):
    """A part of the settings; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _may_be_empty(cls, part: object) -> object:
        return validators.or_empty(part)


class Sql(Part):
    """A query in a database, whose rows `feeds import sql:NAME` reads as articles.

    `url` is SQLAlchemy's. The highest value of the column `newest` is remembered, and the next
    import reads only the rows from there on. A list that is not JSON is split at the first of
    `separators` that occurs in it.
    """

    url: places.SqlUrl
    query: Annotated[str, Field(min_length=1)]
    newest: Annotated[str, Field(min_length=1)] | None = None
    separators: Annotated[str, Field(min_length=1)] = ";|,"


class Hook(Part):
    """A webhook of a CMS.

    `format` is the CMS's; for any other CMS, `article` has a JSONPath query for each key. `event`
    finds the name of an event, which `save` or `withdraw` lists; other events are ignored. The
    sender proves that it knows the secret: `header` holds it, or `signature` holds the body's
    HMAC-SHA256 with it. Ghost has a signature of its own.
    """

    secret: Annotated[validators.Secret, Field(repr=False)] = ""
    format: Literal["ghost", "wordpress"] | None = None
    header: validators.Header | None = None
    signature: validators.Header | None = None
    event: validators.Query | None = None
    save: validators.Listed[str] = ()
    withdraw: validators.Listed[str] = ()
    article: validators.Keyed[validators.ArticleKey, validators.Query] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        proofs, of_ghost = bool(self.header) + bool(self.signature), self.format == "ghost"
        faults = {
            "needs either format or article": bool(self.format) == bool(self.article),
            "needs article.id": self.article and "id" not in self.article,
            "needs event": (self.save or self.withdraw) and not self.event,
            "needs save": self.event and not self.save,
            "needs either header or signature": not of_ghost and proofs != 1,
            "needs no header or signature; Ghost has its own": of_ghost and proofs,
        }
        if found := [fault for fault, is_there in faults.items() if is_there]:
            raise ValueError("; ".join(found))
        return self


class Api(Part):
    """Saving over HTTP. `hooks` are the webhooks below `/api/hooks/`, by name."""

    hooks: validators.Keyed[validators.HookName, Hook] = {}


class WebSub(Part):
    """Pushing feeds to their subscribers (WebSub).

    `hub` lists the hubs that feeds name: the built-in one, those of others, none. The built-in hub
    signs what it sends by HMAC with the digest `signature`. `key` is a file with the key that
    encrypts the secrets of subscribers. `allow_private` lets the hub call addresses that are not
    globally routable.
    """

    hub: validators.Hubs = (validators.BUILT_IN,)
    signature: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256"
    key: places.KeyFile = "hub.key"
    allow_private: validators.Flag = False

    @property
    def has_hub(self) -> bool:
        """Whether our own hub is open."""
        return validators.BUILT_IN in self.hub

    @property
    def others(self) -> tuple[str, ...]:
        """The URLs of hubs that are not ours."""
        return tuple(hub for hub in self.hub if hub != validators.BUILT_IN)


class IndexNow(Part):
    """Telling search engines of articles that are new, changed or withdrawn (IndexNow).

    `key` proves that a host is ours. It is at `location`: by default this service serves it.
    """

    key: validators.IndexNowKey
    endpoint: validators.Url = "https://api.indexnow.org/indexnow"
    location: validators.Url | None = None


class Webhook(Part):
    """A system of the paper that is told of events (Standard Webhooks)."""

    url: validators.Url
    on: Annotated[validators.Parts[Event], Field(min_length=1)]
    secret: Annotated[validators.WebhookSecret, Field(repr=False)] = ""
