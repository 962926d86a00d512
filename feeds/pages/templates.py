"""The templates, style and script of pages; a paper's own files replace those of one name."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from babel.dates import format_datetime
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from feeds.config import Config
from feeds.site import WebPage
from feeds.translations import translations

_OURS = Path(__file__).with_name("templates")
ASSETS: Mapping[str, str] = {"style.css": "text/css", "script.js": "text/javascript"}
"""The files that pages load, with their media types."""


class Templates:
    """Renders pages in a paper's language; read once, when the process starts."""

    def __init__(self, config: Config) -> None:
        self._folders = [Path(config.pages), _OURS] if config.pages else [_OURS]
        self._config = config
        self._errors = dict[int, bytes]()
        self._language = config.site.language
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in self._folders]),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            auto_reload=False,
        )
        words = self.words = translations(self._language)
        self._environment.globals |= {"_": words.gettext, "ngettext": words.ngettext}
        self._environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
        self._environment.filters |= {"moment": self._moment, "readable": unquote}
        self._environment.globals |= {"site": config.site, "root": urlsplit(config.site.url).path}
        self._environment.globals["version"] = self.digest[:8]
        self._pattern = words.gettext("MMMM d, y, HH:mm")

    @cached_property
    def digest(self) -> str:
        """Hash all files, so that pages are made anew with other ones."""
        found = hashlib.blake2b(digest_size=12)
        for folder in self._folders:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                found.update(path.read_bytes())
        return found.hexdigest()

    def render(self, template: str, /, **variables: object) -> bytes:
        """Render a template."""
        return self._environment.get_template(template).render(variables).encode()

    def error(self, status: int) -> bytes:
        """Give the page of an HTTP status, which is rendered once; it needs no store."""
        if status not in self._errors:
            self._errors[status] = self._error(status)
        return self._errors[status]

    def _error(self, status: int) -> bytes:
        _, site = self.words.gettext, self._config.site
        unknown = _("Something went wrong on our side.")
        message = {
            404: _("There is no such page."),
            410: _("This article has been withdrawn."),
            503: _("The paper cannot be read just now; please try again in a moment."),
        }.get(status, unknown)
        page = WebPage(f"{site.url}/", f"{message} – {site.title}", message, site.language)
        return self.render("error.html", page=page, sections=(), message=message)

    def asset(self, name: str) -> bytes:
        """Give one of the `ASSETS`."""
        paths = (folder / name for folder in self._folders)
        return next(path for path in paths if path.is_file()).read_bytes()

    def _moment(self, moment: datetime) -> str:
        locale = self._language.replace("-", "_")
        return format_datetime(moment, self._pattern, tzinfo=moment.tzinfo, locale=locale)
