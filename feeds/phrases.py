"""The sentences that feeds and pages add to articles, in the newspaper's language."""

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
    "counted": "Ranked by readers in the last {window}.",
    "widened": (
        "Too few articles were read in the last {window}; ranked by readers in the last {basis}."
    ),
    "counted ever": (
        "Too few articles were read in the last {window}; ranked by readers over a longer time,"
        " including those from before this count began."
    ),
    "readers": "A reader counts once a day for each article; robots and reloads do not count.",
    "rising": "Rising",
    "rising of": (
        "Articles of {site} with far more readers in the last 3 hours than usual at this time of"
        " the week. A reader counts once a day for each article."
    ),
    "h": "{} hours",
    "d": "{} days",
    "1h": "1 hour",
    "1d": "1 day",
    "sections": "Sections",
    "authors": "Authors",
    "tags": "Tags",
    "feeds": "Feeds",
    "none yet": "No articles yet.",
    "withdrawn": "This article has been withdrawn.",
    "correction": "Correction ({date})",
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
    "counted": "최근 {window} 동안의 독자 수로 정합니다.",
    "widened": "최근 {window} 동안 읽힌 기사가 적어 최근 {basis}의 독자 수로 정합니다.",
    "counted ever": (
        "최근 {window} 동안 읽힌 기사가 적어 더 긴 기간의 독자 수에 이 집계를 시작하기 전의"
        " 독자 수를 더해 정합니다."
    ),
    "readers": "한 독자는 기사마다 하루에 한 번만 세며, 로봇과 새로 고침은 세지 않습니다.",
    "rising": "지금 뜨는 뉴스",
    "rising of": (
        "최근 3시간 동안 같은 요일, 같은 시간대의 평소보다 훨씬 많은 독자가 읽은 {site} 기사입니다."
        " 한 독자는 기사마다 하루에 한 번만 셉니다."
    ),
    "h": "{}시간",
    "d": "{}일",
    "sections": "섹션",
    "authors": "기자",
    "tags": "태그",
    "feeds": "피드",
    "none yet": "아직 기사가 없습니다.",
    "withdrawn": "삭제된 기사입니다.",
    "correction": "바로잡습니다 ({date})",
}
_PHRASES: Mapping[str, Mapping[str, str]] = {"ko": _KOREAN, "en": _ENGLISH}


def phrases(language: str) -> Mapping[str, str]:
    """Give the sentences in a language (BCP 47); in English if there is no translation."""
    return MappingProxyType(_PHRASES.get(language.partition("-")[0].lower(), _ENGLISH))
