"""`feeds import https://paper.example/wp-json`: a WordPress that answers as the real one does."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from feeds.config import load
from feeds.store import open_store
from tests.cli.conftest import Run

Post = dict[str, Any]
Counts = tuple[int, int, int, int]


def post(number: int, modified: str = "", **keys: Any) -> Post:
    """A post that was published, and last changed, in the minute of its number."""
    date = f"2025-01-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00"
    modified = modified or date
    return {
        "id": number,
        "date": date,
        "date_gmt": date,
        "modified": modified,
        "modified_gmt": modified,
        "guid": {"rendered": f"https://paper.example/?p={number}"},
        "link": f"https://paper.example/{number}/",
        "status": "publish",
        "type": "post",
        "title": {"rendered": f"기사 {number}"},
        "content": {"rendered": "<p>가을이다.</p>", "protected": False},
        **keys,
    }


@dataclass
class WordPress:
    """Lists public posts by a date, in pages; `meanwhile` runs after each."""

    posts: list[Post]
    knows: tuple[str, ...] = ("after", "modified_after")
    meanwhile: Callable[[], None] = lambda: None
    asked: list[dict[str, str]] = field(default_factory=list)
    failing: int = 0

    def __call__(self, request: Request) -> Response:
        self.asked.append(asked := request.args.to_dict())
        if len(self.asked) == self.failing:
            return Response("busy", 503)
        by, size, number = asked["orderby"], int(asked["per_page"]), int(asked["page"])
        after = {"after": "date", "modified_after": "modified"}
        kept = [
            each
            for each in self.posts
            if all(each[after[key]] > asked[key] for key in self.knows if key in asked)
        ]
        kept.sort(key=lambda each: (each[by], each["id"]))
        page = json.dumps(kept[size * (number - 1) : size * number])
        self.meanwhile()
        pages = -(-len(kept) // size)
        if number > max(pages, 1):
            return Response('{"code": "rest_post_invalid_page_number"}', 400)
        headers = {"X-WP-Total": str(len(kept)), "X-WP-TotalPages": str(pages)}
        return Response(page, headers=headers, content_type="application/json")


@pytest.fixture
def wordpress(httpserver: HTTPServer) -> WordPress:
    site = WordPress([post(number) for number in range(1, 251)])
    httpserver.expect_request("/wp-json/wp/v2/posts").respond_with_handler(site)
    return site


@pytest.fixture
def follow(run: Run, httpserver: HTTPServer) -> Callable[..., Counts]:
    """Import from the site; gives the numbers of new, changed, unchanged, rejected articles."""

    def follow(code: int = 0, said: str = "") -> Counts:
        result = run("import", "--json", httpserver.url_for("/wp-json"))
        assert result.exit_code == code, result.stderr
        assert said in result.stderr
        facts = json.loads(result.stdout)
        return facts["new"], facts["changed"], facts["unchanged"], facts["rejected"]

    return follow


Follow = Callable[..., Counts]


def stored(folder: Path, article_id: int) -> Any:
    with open_store(load(folder / "config.yaml").store) as store:
        return store.articles.get(str(article_id))


def test_all_posts_are_read_first_and_then_those_that_changed(
    wordpress: WordPress, follow: Follow, folder: Path
) -> None:
    assert follow() == (250, 0, 0, 0)
    assert stored(folder, 1).guid == "https://paper.example/?p=1"
    wordpress.posts += [post(2000), post(2001, title={"rendered": ""})]
    wordpress.posts[0] = post(1, "2025-01-03T00:00:00", title={"rendered": "고친 제목"})
    asked = len(wordpress.asked)
    # The posts of the last two hours come again.
    assert follow(1, '/wp-json: rejected: post "2001": title: is empty') == (1, 1, 121, 1)
    assert stored(folder, 1).title == "고친 제목"
    assert wordpress.asked[asked]["modified_after"] == "2025-01-01T02:09:59"


def test_a_post_without_a_date_of_change_holds_up_no_other(
    wordpress: WordPress, follow: Follow
) -> None:
    wordpress.posts = [post(1, "-0001-11-30T00:00:00"), post(2)]
    assert follow() == (2, 0, 0, 0)


def test_an_edit_while_pages_are_read_loses_no_post(wordpress: WordPress, follow: Follow) -> None:
    def edit() -> None:
        number = len(wordpress.asked)
        wordpress.posts[number] = post(number + 1, f"2025-01-04T00:00:0{number}")

    wordpress.meanwhile = edit
    new, changed, _, _ = follow()
    assert new == 250
    assert changed <= len(wordpress.asked)


def test_posts_of_one_second_are_read_by_the_number_of_the_page(
    wordpress: WordPress, follow: Follow
) -> None:
    wordpress.posts = [post(number, "2025-02-01T00:00:00") for number in range(1, 301)]
    assert follow() == (300, 0, 0, 0)


def test_a_scheduled_post_is_read_when_it_appears(wordpress: WordPress, follow: Follow) -> None:
    assert follow() == (250, 0, 0, 0)
    wordpress.posts.append(post(251, "2025-01-01T00:00:30"))
    assert follow()[:2] == (1, 0)


def test_a_failure_keeps_what_was_read_and_the_next_import_goes_on(
    wordpress: WordPress, follow: Follow
) -> None:
    wordpress.failing = 3
    assert follow(1) == (199, 0, 0, 1)
    assert follow()[0] == 51


def test_what_was_withdrawn_here_comes_back_only_with_an_edit_and_not_behind_a_password(
    wordpress: WordPress, follow: Follow, run: Run, folder: Path
) -> None:
    follow()
    run("withdraw", "250")
    follow()
    assert stored(folder, 250).status == "withdrawn"
    wordpress.posts[-1] = post(250, "2025-01-02T00:00:00")
    follow()
    assert stored(folder, 250).status == "live"
    protected = {"rendered": "", "protected": True}
    wordpress.posts[-1] = post(250, "2025-01-03T00:00:00", content=protected)
    follow()
    assert stored(folder, 250).status == "withdrawn"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response("<html>", 200), "its response is not a list of posts"),
        (Response("[]", 200), "its response is not a list of posts"),
        (Response('[{"id": 1}]', headers={"X-WP-TotalPages": "1"}), "its response is not a list"),
        (Response('{"code": "rest_disabled"}', 401), "the server answers 401"),
    ],
)
def test_an_answer_without_posts_is_told(
    run: Run, httpserver: HTTPServer, answer: Response, said: str
) -> None:
    httpserver.expect_request("/wp-json/wp/v2/posts").respond_with_response(answer)
    result = run("import", httpserver.url_for("/wp-json/"))
    assert result.exit_code == 2
    assert f"/wp-json/: rejected: cannot be read: {said}" in result.stderr


def test_a_wordpress_that_is_too_old_is_told(wordpress: WordPress, follow: Follow) -> None:
    wordpress.knows = ("after",)
    follow(1, "it does not know modified_after; WordPress must be 5.7 or newer")
