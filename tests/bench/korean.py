"""Words and sentences that the articles of the benchmarks are put together from."""

_PARTICLES = {"은": "는", "이": "가", "을": "를", "과": "와"}


class Noun(str):
    """A word that takes its particle when formatted: 구청 with `:은` gives 구청은, 보건소 보건소는.

    Only for words that end in a Hangul syllable.
    """

    __slots__ = ()

    def __format__(self, particle: str) -> str:
        ends_in_consonant = (ord(self[-1]) - ord("가")) % 28 != 0
        return self + (particle if ends_in_consonant else _PARTICLES.get(particle, ""))


def _nouns(words: str) -> tuple[Noun, ...]:
    return tuple(Noun(word.strip()) for word in words.split(","))


SECTIONS = ("지역", "경제", "사회", "문화", "교육", "환경", "체육", "생활")
WHO = _nouns(
    "구청, 주민자치회, 상인회, 마을도서관, 청년협동조합, 보건소, 소방서, 학부모회,"
    " 하천지킴이 모임, 예산위원회, 자원봉사센터, 수리공방 모임, 노인복지관, 버스 회사, 시의회,"
    " 농협, 합창단"
)
PARTNERS = _nouns(
    "교육청, 대학생, 은퇴한 교사, 우체국, 파출소, 방송국, 시민연대, 건축사회, 이웃 구, 전통시장,"
    " 축구단, 극단, 어촌계, 산림조합, 야학, 번역가, 요리사, 사진가, 의료진, 농부"
)
THINGS = _nouns(
    "보행로, 작은도서관, 빗물저장고, 공유부엌, 마을버스, 돌봄쉼터, 자전거 보관소, 가로등, 텃밭,"
    " 전시실, 놀이터, 무료진료소, 공구 대여점, 그늘막, 태양광 지붕, 헌책방, 물놀이장, 야간 진료,"
    " 벼룩시장, 산책길, 재활용 정거장, 옥상 정원, 어린이 식당, 목공실, 마을 방송, 축제, 우물,"
    " 급식실, 통학로, 빈집, 장터, 주차장, 배수로, 현수막, 예산, 조례, 설문, 지도, 안내판, 의자,"
    " 계단, 승강기, 화장실, 수영장, 골목, 담장, 벽화, 노래, 연극, 사진, 기록, 소식지, 씨앗, 나무,"
    " 된장, 빵"
)
QUALITIES = (
    "오래된 작은 새로운 낡은 튼튼한 조용한 환한 어두운 가파른 넓은 좁은 뜻밖의 값싼 비싼 소중한"
    " 흔한 드문 낯선 익숙한 느린 빠른 깨끗한 버려진 잊힌 이름난 함께한 남은 모자란 넉넉한 힘겨운"
    " 따뜻한 차가운 푸른 붉은 무거운 가벼운 첫 마지막 온갖 여러"
).split()
MANNERS = (
    "천천히 서둘러 조금씩 꾸준히 마침내 다시 함께 따로 몰래 널리 새로 먼저 나중에 여전히 해마다"
    " 달마다 날마다 밤새 가까스로 기꺼이 손수 거듭 일찍 느지막이 골고루 알뜰히 꼼꼼히 한꺼번에"
).split()
DEEDS = (
    "고쳤다 늘렸다 줄였다 옮겼다 살폈다 나눴다 지켰다 알렸다 세웠다 비웠다 채웠다 열었다 닫았다"
    " 그렸다 적었다 읽었다 찾았다 모았다 골랐다 바꿨다 이었다 심었다 가꿨다 빌렸다 돌려줬다"
    " 맡겼다 맡았다 물었다 답했다 미뤘다 당겼다 남겼다 지웠다 꾸몄다 밝혔다 다듬었다"
).split()
DOINGS = (
    "고치고 늘리며 줄이자 옮기면서 살피다 나누고 지키려 알리며 세우고 비우자 채우려 열면서 닫고"
    " 그리며 적다가 읽고 찾으며 모으고 고르다 바꾸려 이으며 심고 가꾸며 빌리고 돌려주며 맡기고"
    " 맡으며 묻고 답하며 미루다 당기려 남기고 지우다 꾸미고 다듬으며"
).split()
SURNAMES = "김 이 박 최 정 강 조 윤 장 임 한 오".split()
PLACE_ENDINGS = "동 골 마을 시장 역 공원 다리 언덕 아파트 초등학교 네거리 나루 약수터 들".split()
SYLLABLES = (
    "가 강 개 고 구 금 나 난 노 다 단 달 도 동 두 들 라 람 량 로 루 리 마 매 명 모 목 무 물 미"
    " 바 반 방 별 보 봉 부 북 비 사 산 삼 상 새 서 석 선 설 성 소 솔 송 수 순 승 시 신 아 안 양"
    " 여 연 영 오 옥 온 용 우 운 원 월 유 윤 은 의 인 자 장 재 전 정 제 주 준 중 지 진 찬 창 천"
    " 청 초 춘 충 태 평 포 하 학 한 해 현 호 홍 화 효 훈 희"
).split()

TITLES = (
    "{place} {thing}, 올해 {count}곳 더 생긴다",
    "“{thing:이} 골목을 바꿨다”…{place}의 네 계절",
    "{who}, {place}에 {thing} 문 연다",
    "{place} {thing} 찾은 주민 한 해 새 {percent}% 늘어",
    "‘{thing}’ 두고 머리 맞댄 {who}·{partner}",
    "{person} 씨가 열세 해째 {thing:을} 돌보는 까닭",
)
SUBTITLES = (
    "주민 {count}명이 낸 의견 반영…내년 봄 마무리",
    "{who} “빠르기보다 오래가게”",
    "예산 {count}억 원 가운데 절반은 주민 참여로",
    "{place} 이어 {place2}에서도 {month}월부터",
)
OPENINGS = (
    "",
    "",
    "{day}일 오후 {place}에서 ",
    "지난 {month}월 ",
    "{partner:과} 함께 ",
    "{manner} ",
    "{place}에서 {count}년을 산 {person}({age}) 씨가 보기에 ",
    "{place:과} {place2} 사이에서 ",
)
CLAUSES = (
    "{who:은} {quality} {thing:을} {doing}",
    "{quality} {thing:이} {count}곳 생기자",
    "{manner} {quality} {partner:과} {thing:을} {doing}",
    "{quality} {place}에 {thing:이} 모자라",
    "{count}명 가운데 {percent}%가 {thing:을} {doing}",
    "{person} 씨는 {manner} {thing:을} {doing}",
    "{thing:과} {thing2:을} {manner} {doing}",
    "{count}억 {percent}00만 원을 들여",
)
ENDINGS = (
    "{quality} {thing:을} {manner} {deed}",
    "{manner} {place}까지 {thing2:을} {deed}",
    "{partner:은} {quality} {thing:을} {deed}",
    "“{quality} {thing:이} 있어야 한다”고 {deed}",
    "{person} 씨도 {thing:을} {deed}",
    "{day}일에는 {quality} {thing2:을} {deed}",
    "{percent}% 가까이 {manner} {deed}",
    "{place} {thing:을} {quality} {partner}에게 {deed}",
)
