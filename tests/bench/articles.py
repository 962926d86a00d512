"""Articles as a Korean paper has them, any number, the same for the same seed.

Bodies are 2 to 6 kB of HTML as a CMS stores it: some paragraphs, a picture that a script loads
later, relative links, a quotation, a heading, now and then a script that has to go.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from random import Random
from zoneinfo import ZoneInfo

from feeds.model import Article, Author, Image
from tests.bench import korean

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Seoul"))
"""When the newest article of every seed was published."""

SITE = "https://www.news.example"
_MINUTES_BETWEEN = 7
_REPORTERS = 40
_BODY_BYTES = (2_000, 5_000)  # the last paragraph may exceed its article's goal


def articles(count: int, seed: int = 1) -> Iterator[Article]:
    """Make that many articles, newest first.

    Sections take turns, so that each has its share. Newer articles have more readers, so that an
    edit of the first one changes every feed that it can be in.
    """
    for number in range(count):
        yield article(number, seed)


def article(number: int, seed: int = 1, body_bytes: tuple[int, int] = _BODY_BYTES) -> Article:
    """Make one article, the same whichever others are made; number 0 is the newest."""
    random = Random(f"{seed}:{number}")
    published = NOW - timedelta(minutes=number * _MINUTES_BETWEEN)
    key = f"{seed}-{number}"
    return Article(
        id=key,
        title=_say(random, korean.TITLES),
        published=published,
        updated=published + timedelta(minutes=random.choice((0, 0, 3, 6))),
        url=f"{SITE}/news/view.php?idx={key}",
        subtitle=_say(random, korean.SUBTITLES) if random.random() < 0.7 else None,
        summary=_sentences(random, 2) if random.random() < 0.5 else None,
        body_html=_body(random, key, body_bytes),
        authors=tuple(_author(random) for _ in range(random.choice((1, 1, 1, 2)))),
        sections=(korean.SECTIONS[number % len(korean.SECTIONS)],),
        tags=tuple(map(str, random.sample(korean.THINGS, random.randint(2, 5)))),
        image=_image(random, key) if random.random() < 0.8 else None,
        language="ko",
        comments=random.randint(0, 40),
        views=10 + 10_000_000 // (number + 1),
    )


def _body(random: Random, key: str, body_bytes: tuple[int, int]) -> str:
    goal = random.randint(*body_bytes)
    parts = [_figure(random, key)] if random.random() < 0.6 else []
    size = sum(len(part.encode()) for part in parts)
    while size < goal:
        parts.append(_part(random))
        size += len(parts[-1].encode())
    if random.random() < 0.1:
        parts.append(f'<script>countReaders("{key}")</script>')
    return "\n".join(parts)


def _part(random: Random) -> str:
    kind = random.random()
    if kind < 0.06:
        return f"<blockquote><p>{_escaped(random, 1)}</p></blockquote>"
    if kind < 0.12:
        return f"<h3>{escape(_say(random, korean.SUBTITLES))}</h3>"
    text = _escaped(random, random.randint(2, 4))
    if kind < 0.3:
        number = random.randint(1, 9999)
        text += f' <a href="/news/view.php?idx={number}&amp;ref=body">이어지는 기사</a>'
    return f'<p class="text" style="line-height:1.8">{text}</p>'


def _figure(random: Random, key: str) -> str:
    return (
        f'<figure><img src="/img/blank.gif" data-src="/photo/{key}-1.jpg" class="lazy"'
        f' width="800" height="533" alt="{escape(_say(random, korean.SUBTITLES))}">'
        f"<figcaption>{_escaped(random, 1)} 사진 {_person(random)}</figcaption></figure>"
    )


def _image(random: Random, key: str) -> Image:
    return Image(
        url=f"{SITE}/photo/{key}.jpg",
        type="image/jpeg",
        length=random.randint(40_000, 400_000),
        width=1200,
        height=800,
        alt=_say(random, korean.SUBTITLES),
        credit=_person(random),
    )


def _author(random: Random) -> Author:
    number = random.randrange(_REPORTERS)
    return Author(f"{_person(Random(number))} 기자", f"reporter{number}@news.example")


def _person(random: Random) -> str:
    return random.choice(korean.SURNAMES) + "".join(random.choices(korean.SYLLABLES, k=2))


def _place(random: Random) -> korean.Noun:
    name = "".join(random.choices(korean.SYLLABLES, k=2))
    return korean.Noun(name + random.choice(korean.PLACE_ENDINGS))


def _escaped(random: Random, count: int) -> str:
    return escape(_sentences(random, count), quote=False)


def _sentences(random: Random, count: int) -> str:
    return " ".join(_sentence(random) for _ in range(count))


def _sentence(random: Random) -> str:
    opening, clause, ending = korean.OPENINGS, korean.CLAUSES, korean.ENDINGS
    return f"{_say(random, opening)}{_say(random, clause)}, {_say(random, ending)}."


def _say(random: Random, patterns: Sequence[str]) -> str:
    return random.choice(patterns).format_map(_Words(random))


class _Words:
    """The words that fill a pattern, each drawn when it is needed."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def __getitem__(self, slot: str) -> object:
        return _DRAWN[slot.rstrip("2")](self._random)


_DRAWN: Mapping[str, Callable[[Random], object]] = {
    "who": lambda random: random.choice(korean.WHO),
    "partner": lambda random: random.choice(korean.PARTNERS),
    "place": _place,
    "person": _person,
    "thing": lambda random: random.choice(korean.THINGS),
    "quality": lambda random: random.choice(korean.QUALITIES),
    "manner": lambda random: random.choice(korean.MANNERS),
    "doing": lambda random: random.choice(korean.DOINGS),
    "deed": lambda random: random.choice(korean.DEEDS),
    "count": lambda random: random.randint(3, 90),
    "percent": lambda random: random.randint(4, 78),
    "age": lambda random: random.randint(21, 84),
    "day": lambda random: random.randint(1, 28),
    "month": lambda random: random.randint(3, 11),
}
