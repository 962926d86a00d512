"""How the pages of Korean papers write bylines and dates, as text or in HTML."""

import re

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
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_SUFFIX = re.compile(r"\s*(?:(?<=\s)(?:선임|수습|인턴|객원|시민)\s*)?기자$")
_EMPTY_BRACKETS = re.compile(r"[(\[<]\s*[)\]>]")
_BRACKETED = re.compile(r"[(\[<](.*)[)\]>]")

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
    return is_item(line) or line.endswith("기자") or _EMAIL.search(line) is not None


def registered(line: str) -> str | None:
    """Give the date of a line that begins with `등록 <date>`, as `read_record` wants it."""
    return _written(_REGISTERED.match(bare(line)))


def changed(line: str) -> str | None:
    """Give the date behind `수정`, which may share a line with `등록`."""
    return _written(_CHANGED.search(line))


def date_and_time(text: str) -> str | None:
    """Give the first date in any text."""
    return _written(re.search(_DATE, text, re.ASCII))


def authors(byline: str) -> list[dict[str, str]]:
    """Read a byline: one or more names, each with or without `기자` and an e-mail address.

    >>> authors("김민수 기자 kms@news.example, 이영희 기자")
    [{'name': '김민수', 'email': 'kms@news.example'}, {'name': '이영희'}]
    """
    if len(byline) > LONGEST_BYLINE:
        return []
    found = (_author(part) for part in _SEPARATOR.split(bare(byline)))
    return [author for author in found if author["name"]]


def _author(part: str) -> dict[str, str]:
    email = _EMAIL.search(part)
    words = _EMPTY_BRACKETS.sub("", _EMAIL.sub("", part)).strip()
    name = _SUFFIX.sub("", _BRACKETED.sub(r"\1", words)).strip()
    return {"name": name, "email": email.group()} if email else {"name": name}


def _written(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    part = {name: int(digits or 0) for name, digits in match.groupdict().items()}
    return (
        f"{part['year']:04}-{part['month']:02}-{part['day']:02}"
        f" {part['hour']:02}:{part['minute']:02}:{part['second']:02}"
    )
