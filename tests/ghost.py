"""What Ghost sends and exports, in the shape of its API, its webhooks and its tables."""

import hashlib
import hmac
import json
from typing import Any

ID = "674d2f1be2a3c50001f2a9b1"
AUTHOR = {
    "id": "1",
    "name": "박서연",
    "slug": "seoyeon",
    "email": "login@news.example",
    "profile_image": None,
    "website": None,
    "status": "active",
    "url": "https://www.news.example/author/seoyeon/",
}
TAGS = [
    {"id": "t1", "name": "지역", "slug": "jiyeok", "visibility": "public"},
    {"id": "t2", "name": "#머리기사", "slug": "hash-meori", "visibility": "internal"},
    {"id": "t3", "name": "가을", "slug": "gaeul", "visibility": "public"},
]
POST: dict[str, Any] = {
    "id": ID,
    "uuid": "2f6f2b0c-6a0e-4c46-9d3c-0d8f6f0a7c11",
    "title": "은행잎이 물들다",
    "slug": "eunhaengip",
    "html": "<p>관악산 은행나무 길이 노랗게 물들었다.</p>",
    "plaintext": "관악산 은행나무 길이 노랗게 물들었다.",
    "comment_id": ID,
    "feature_image": "https://www.news.example/content/images/2024/11/leaf.jpg",
    "feature_image_alt": "노란 은행나무 길",
    "feature_image_caption": '사진 <a href="https://photo.example">이하늘</a> / 관악뉴스',
    "featured": False,
    "status": "published",
    "visibility": "public",
    "email_only": False,
    "created_at": "2024-11-04T01:00:00.000Z",
    "updated_at": "2024-11-05T03:00:00.000Z",
    "published_at": "2024-11-05T00:30:00.000Z",
    "custom_excerpt": "가을이 왔다.",
    "canonical_url": None,
    "authors": [AUTHOR],
    "primary_author": AUTHOR,
    "tags": TAGS,
    "primary_tag": TAGS[0],
    "url": "https://www.news.example/eunhaengip/",
    "excerpt": "가을이 왔다.",
}
RECORD = {
    "id": ID,
    "status": "live",
    "minor": True,
    "title": "은행잎이 물들다",
    "published": "2024-11-05T00:30:00.000Z",
    "updated": "2024-11-05T03:00:00.000Z",
    "url": "https://www.news.example/eunhaengip/",
    "summary": "가을이 왔다.",
    "body_html": "<p>관악산 은행나무 길이 노랗게 물들었다.</p>",
    "authors": [
        {"name": "박서연", "id": "1", "url": "https://www.news.example/author/seoyeon/"},
    ],
    "sections": ["지역"],
    "tags": ["지역", "가을"],
    "image": {
        "url": "https://www.news.example/content/images/2024/11/leaf.jpg",
        "alt": "노란 은행나무 길",
        "credit": "사진 이하늘 / 관악뉴스",
    },
}


def post(**keys: Any) -> dict[str, Any]:
    return {**POST, **keys}


def event(current: dict[str, Any], **previous: Any) -> bytes:
    """Make the body of a webhook; what a post was before is told of the keys that changed."""
    return json.dumps({"post": {"current": current, "previous": previous}}).encode()


def signature(body: bytes, secret: str, milliseconds: int, *, old: bool = False) -> str:
    """Sign a body as Ghost does; old versions did not sign the time."""
    signed = body if old else body + str(milliseconds).encode()
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"sha256={digest}, t={milliseconds}"


def export(*posts: dict[str, Any], wrapped: bool = True, **tables: Any) -> bytes:
    """Make an export of rows of the table of posts, with one author and three tags."""
    data = {
        "posts": posts,
        "posts_authors": [
            {"id": "a1", "post_id": ID, "author_id": "2", "sort_order": 1},
            {"id": "a2", "post_id": ID, "author_id": "1", "sort_order": 0},
        ],
        "posts_meta": [
            {
                "id": "m1",
                "post_id": ID,
                "feature_image_alt": POST["feature_image_alt"],
                "feature_image_caption": POST["feature_image_caption"],
                "email_only": 0,
            }
        ],
        "posts_tags": [
            {"id": "p3", "post_id": ID, "tag_id": "t3", "sort_order": 2},
            {"id": "p1", "post_id": ID, "tag_id": "t1", "sort_order": 0},
            {"id": "p2", "post_id": ID, "tag_id": "t2", "sort_order": 1},
        ],
        "settings": [{"key": "title", "value": "관악뉴스"}],
        "tags": TAGS,
        "users": [
            {key: AUTHOR[key] for key in AUTHOR if key != "url"},
            {"id": "2", "name": "김민수", "slug": "minsu", "email": "m@news.example"},
        ],
        **tables,
    }
    whole = {"meta": {"exported_on": 1733126400000, "version": "5.130.6"}, "data": data}
    return json.dumps({"db": [whole]} if wrapped else whole, ensure_ascii=False).encode()


ROW = {
    **{key: POST[key] for key in ("id", "uuid", "title", "slug", "plaintext", "comment_id")},
    **{key: POST[key] for key in ("custom_excerpt", "canonical_url", "status", "visibility")},
    "html": '<p>길.<img src="__GHOST_URL__/content/images/2024/11/leaf.jpg"></p>',
    "lexical": '{"root": {}}',
    "mobiledoc": None,
    "feature_image": "__GHOST_URL__/content/images/2024/11/leaf.jpg",
    "type": "post",
    "created_at": "2024-11-04 01:00:00",
    "updated_at": "2024-11-05 03:00:00",
    "published_at": "2024-11-05 00:30:00",
}
"""A row of the table of posts; SQLite's dates have no zone, and are in UTC."""


def row(**keys: Any) -> dict[str, Any]:
    return {**ROW, **keys}
