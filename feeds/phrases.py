"""The few sentences that feeds and pages say on their own, in the paper's language."""

from collections.abc import Mapping
from types import MappingProxyType

_ENGLISH = {
    "latest": "Latest",
    "latest of": "The latest articles of {site}.",
    "section of": "The latest articles of {site} in {name}.",
    "author of": "Articles in {site} by {name}.",
    "tag of": "Articles in {site} about {name}.",
    "most read": "Most read",
    "most read in": "Most read ({window})",
    "most read of": "The most read articles of {site}, by number of readers.",
    "most read in section of": "The most read articles of {site} in {name}, by number of readers.",
    "h": "{} hours",
    "d": "{} days",
    "sections": "Sections",
    "authors": "Authors",
    "tags": "Tags",
    "feeds": "Feeds",
    "none yet": "No articles yet.",
    "withdrawn": "This article has been withdrawn.",
}
_KOREAN = {
    "latest": "최신 기사",
    "latest of": "{site}의 최신 기사입니다.",
    "section of": "{site} ‘{name}’ 섹션의 최신 기사입니다.",
    "author of": "{site}에 실린 {name}의 기사입니다.",
    "tag of": "{site}에서 ‘{name}’ 태그가 붙은 기사입니다.",
    "most read": "많이 본 뉴스",
    "most read in": "많이 본 뉴스 ({window})",
    "most read of": "{site}에서 독자가 많이 본 순서대로 모은 기사입니다.",
    "most read in section of": "{site} ‘{name}’ 섹션에서 독자가 많이 본 순서대로 모은 기사입니다.",
    "h": "{}시간",
    "d": "{}일",
    "sections": "섹션",
    "authors": "기자",
    "tags": "태그",
    "feeds": "피드",
    "none yet": "아직 기사가 없습니다.",
    "withdrawn": "삭제된 기사입니다.",
}
_PHRASES: Mapping[str, Mapping[str, str]] = {"ko": _KOREAN, "en": _ENGLISH}


def phrases(language: str) -> Mapping[str, str]:
    """Give the sentences in a language (BCP 47); English where there is no translation."""
    return MappingProxyType(_PHRASES.get(language.partition("-")[0].lower(), _ENGLISH))
