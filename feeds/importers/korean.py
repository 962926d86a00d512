"""How the pages of Korean papers write bylines and dates, as text or in HTML."""

import re

from feeds.text import byline

_DATE = (
    r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})\.?"
    r"(?:[T \xa0]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?"
)
# Possessive: no blank is tried twice, however many there are.
_COLON = r"\s*+(?:[:：]\s*+)?+"
_REGISTERED = re.compile(rf"(?:기사)?(?:등록|입력|승인){_COLON}{_DATE}", re.ASCII)
_CHANGED = re.compile(rf"(?:기사|최종)?수정{_COLON}{_DATE}", re.ASCII)
_ITEM = re.compile(r"^[•∙·ㆍ]\s*")
_SEPARATOR = re.compile(r"[,·ㆍ‧/|]|(?<=기자)\s+(?=[가-힣])")
_SUFFIX = re.compile(r"\s*(?:(?<=\s)(?:선임|수습|인턴|객원|시민)\s*)?기자$")
_BRACKET = re.compile(r"[()\[\]<>]")

LONGEST_BYLINE = 200
MOST_READ = frozenset(["가장 많이 본 뉴스", "가장 많이 본 뉴스더보기", "가장 많이 본 뉴스 더보기"])
CONTROLS = MOST_READ | {
    "기사 메일전송",
    "기사메일전송",
    "기사수정",
    "기사 수정",
    "목록 바로가기",
    "인쇄",
    "더보기",
    "이전 기사 보기",
    "다음 기사 보기",
    "이전 기사 보기 다음 기사 보기",
    "모바일 버전 바로가기",
}
SUBTITLE = re.compile(r"[-–—]\s*(.+)")
_COUNT = re.compile(r"\d{1,9}|\d{1,3}(?:,\d{3}){1,2}", re.ASCII)


def count(text: str) -> int | None:
    """Read a number of comments or pixels, such as `1,204`; None if the text is another."""
    return int(text.replace(",", "")) if _COUNT.fullmatch(text) else None


def bare(line: str) -> str:
    """Give a line without its bullet and the white space around it."""
    return _ITEM.sub("", line.strip())


def is_item(line: str) -> bool:
    """Whether a line is a list item of a page written as text."""
    return _ITEM.match(line.strip()) is not None


def is_byline(line: str) -> bool:
    """Whether a line above the date names people rather than being a second headline."""
    if len(line) > LONGEST_BYLINE:
        return False
    return is_item(line) or line.endswith("기자") or byline(line)[1] is not None


def registered(line: str) -> str | None:
    """Give the date of a line that begins with `등록 <date>`, as `read_record` wants it."""
    return _written(_REGISTERED.match(bare(line)))


def changed(line: str) -> str | None:
    """Give the date behind `수정`, which may share a line with `등록`."""
    return _written(_CHANGED.search(line))


def date_and_time(text: str) -> str | None:
    """Give the first date in any text."""
    return _written(re.search(_DATE, text, re.ASCII))


def authors(line: str) -> list[dict[str, str]]:
    """Read a byline: one or more names, each with or without `기자` and an e-mail address.

    >>> authors("김민수 기자 kms@news.example, 이영희 기자")
    [{'name': '김민수', 'email': 'kms@news.example'}, {'name': '이영희'}]
    """
    if len(line) > LONGEST_BYLINE:
        return []
    found = (_author(part) for part in _SEPARATOR.split(bare(line)))
    return [author for author in found if author["name"]]


def _author(part: str) -> dict[str, str]:
    words, address = byline(part)
    name = _SUFFIX.sub("", " ".join(_BRACKET.sub(" ", words).split()))
    if address is None:
        return {"name": name}
    # Of an address alone nobody knows the name.
    return {"name": "" if address.startswith(f"{name}@") else name, "email": address}


def _written(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    part = {name: int(digits or 0) for name, digits in match.groupdict().items()}
    return (
        f"{part['year']:04}-{part['month']:02}-{part['day']:02}"
        f" {part['hour']:02}:{part['minute']:02}:{part['second']:02}"
    )
