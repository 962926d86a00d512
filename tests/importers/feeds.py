"""Feeds as other systems write them."""

import json
from typing import Any

_RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>옛 신문</title><link>https://old.example</link><language>ko_KR</language>
{channel}
{items}
</channel></rss>
"""
_ATOM = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">
<id>https://old.example/</id><title>옛 신문</title><updated>2026-03-02T09:00:00+09:00</updated>
<author><name>옛 신문</name></author>
{channel}
{entries}
</feed>
"""
WORDPRESS = "<generator>https://wordpress.org/?v=6.7.1</generator>"


def rss(*items: str, channel: str = "") -> bytes:
    """Write RSS 2.0 of the contents of its items."""
    written = "\n".join(f"<item>\n{item}\n</item>" for item in items)
    return _RSS.format(channel=channel, items=written).encode()


def item(number: int, rest: str = "") -> str:
    """Write an item as WordPress does."""
    return f"""<title>제목 {number}</title><link>https://old.example/{number}/</link>
<pubDate>Mon, 02 Mar 2026 00:{number % 60:02}:00 +0000</pubDate>
<guid isPermaLink="false">https://old.example/?p={number}</guid>{rest}"""


def atom(*entries: str, channel: str = "") -> bytes:
    """Write Atom of the contents of its entries."""
    written = "\n".join(f"<entry>{entry}</entry>" for entry in entries)
    return _ATOM.format(channel=channel, entries=written).encode()


def json_feed(*items: dict[str, Any], **feed: Any) -> bytes:
    """Write JSON Feed of its items."""
    whole = {"version": "https://jsonfeed.org/version/1.1", "title": "옛 신문", **feed}
    return json.dumps(whole | {"items": items}).encode()


POST = item(
    12,
    """
<dc:creator><![CDATA[김민수]]></dc:creator><dc:creator>이서연 기자 lee@old.example</dc:creator>
<category><![CDATA[지역]]></category><category><![CDATA[R&D]]></category>
<description><![CDATA[<p>짧은 <b>요약</b> &amp; 끝</p>]]></description>
<content:encoded><![CDATA[<p>글 <a href="/x">링크</a></p>]]></content:encoded>
<atom:updated>2026-03-02T10:00:00+09:00</atom:updated><slash:comments>0</slash:comments>
<enclosure url="https://old.example/a.mp3" length="1234" type="audio/mpeg"/>
<media:content url="https://0.gravatar.com/avatar/1" medium="image"/>
<media:content url="https://old.example/s.jpg" medium="image" width="140"/>
<media:content url="https://old.example/l.jpg" medium="image" width="460" type="image/jpeg">
<media:title type="plain">둘레길</media:title><media:credit>구청</media:credit></media:content>
<media:content url="https://old.example/a.mp3" type="audio/mpeg" duration="61"/>
""",
)
FORUM = """<id>tag:old.example,2026:12</id>
<title type="html">A &amp;lt; B &lt;b&gt;굵게&lt;/b&gt;</title>
<link href="https://old.example/12"/>
<link rel="enclosure" type="image/png" href="https://old.example/a.png"/>
<link rel="enclosure" type="application/pdf" length="9" href="https://old.example/a.pdf"/>
<author><name>Nari</name><email>nari@news.example</email><uri>https://old.example/nari</uri></author>
<author><name>Daniel</name></author><category term="seoul" label="서울"/>
<updated>2026-03-02T09:00:00+09:00</updated><published>2026-03-01T09:00:00Z</published>
<summary>요약</summary><thr:total>3</thr:total>
<content type="xhtml" xml:lang="en"><div xmlns="http://www.w3.org/1999/xhtml"><p>글</p></div></content>"""
