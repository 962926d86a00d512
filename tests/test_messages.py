from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from feeds.messages import faults, path
from feeds.text import quoted


def rule(value: str) -> str:
    if value == "bad":
        raise ValueError("is bad; write good")
    return value


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Person(Strict):
    name: str


class Record(Strict):
    text: Annotated[str, AfterValidator(rule)] = ""
    number: int = Field(1, ge=0, le=9)
    switch: bool = False
    choice: Literal["full", "summary"] = "full"
    names: Annotated[tuple[str, ...], Field(min_length=1)] = ("a",)
    people: Annotated[list[Person], Field(max_length=2)] | None = None
    moved: dict[Annotated[str, AfterValidator(rule)], Person] = {}


def said(**keys: Any) -> list[str]:
    with pytest.raises(ValidationError) as raised:
        Record.model_validate(keys)
    return [str(fault) for fault in faults(raised.value, Record)]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"text": "bad"}, "text: is bad; write good"),
        ({"text": None}, "text: has no value; give it one, or leave the key out"),
        ({"text": 7}, 'text: must be text, not 7; put it in quotes: "7"'),
        ({"text": True}, 'text: must be text, not true; put it in quotes: "true"'),
        ({"number": "3"}, 'number: must be a whole number, not "3"; write it without quotes'),
        ({"number": "three"}, 'number: must be a whole number, not "three"'),
        ({"number": 1.5}, "number: must be a whole number, not 1.5"),
        ({"number": -1}, "number: must be 0 or more, not -1"),
        ({"number": 10**400}, "number: must be 9 or less, not 10000000000000000"),
        ({"switch": "true"}, 'switch: must be true or false, not "true"; write it without quotes'),
        ({"choice": "ful"}, 'choice: must be "full" or "summary", not "ful"'),
        ({"names": "a"}, 'names: must be a list, not "a"'),
        ({"names": ()}, "names: must have 1 or more values, not a list of 0"),
        ({"people": {"name": "a"}}, "people: must be a list, not keys with values"),
        ({"people": ["a"]}, 'people[0]: must be keys with values, not "a"'),
        ({"people": [{"name": "a"}] * 3}, "people: must have 2 or fewer values, not a list of 3"),
        ({"people": [{}]}, "people[0].name: is missing"),
        ({"people": [{"name": "a", "nam": 1}]}, 'nam: no such key (did you mean "name"?)'),
        ({"moved": {"x": {"name": "a", "nam": 1}}}, 'no such key (did you mean "name"?)'),
        ({"moved": {"bad": {"name": "a"}}}, "moved.bad: is bad; write good"),
        ({"tex": 1}, 'tex: no such key (did you mean "text"?)'),
        ({"zzz": 1}, "zzz: no such key (there are: text, number"),
    ],
)
def test_a_fault_says_where_it_is_what_is_wanted_and_what_is_there(
    keys: dict[str, Any], sentence: str
) -> None:
    (found,) = said(**keys)
    assert sentence in found


def test_every_fault_is_told_at_once() -> None:
    assert len(said(text=1, number=-1, people=[{}, {}], x=1)) == 5


def test_a_message_quotes_values_shortened_and_printable() -> None:
    assert path(("authors", 0, "na\x08me", "", "k" * 9000)).isprintable()
    assert len(path(("k" * 9000,))) <= 60
    assert quoted("a\x08b") == r'"a\x08b"'
    assert len(quoted("k" * 9000)) <= 62
