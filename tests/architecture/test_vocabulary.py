"""Events, refusals, rule packs and words: what is stored for ever or shown to people is complete and unique."""

import dataclasses
import importlib
import re
import string
import typing
from collections import Counter
from datetime import date, datetime
from enum import Enum
from http import HTTPStatus
from types import UnionType
from uuid import UUID

import pytest

from jiuyi.kernel.events import Event
from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Invalid, Refusal
from jiuyi.kernel.words import Word
from tests.architecture.tree import PACKAGE, Tree

HAN = re.compile(r"[\u4e00-\u9fff]")
T = typing.TypeVar("T")


def load_everything() -> None:
    for source in Tree(PACKAGE).sources:
        if source.room in {"words", "events"} or source.parts[-1] in {"words", "events", "refusals"}:
            importlib.import_module(source.module)


def every(base: type[T]) -> list[type[T]]:
    """All shipped subclasses, however deep."""
    load_everything()
    found: dict[str, type[T]] = {}
    waiting = [base]
    while waiting:
        for child in waiting.pop().__subclasses__():
            found[f"{child.__module__}.{child.__qualname__}"] = child
            waiting.append(child)
    return [child for name, child in sorted(found.items()) if name.startswith("jiuyi.")]


def where(thing: type) -> str:
    return f"{thing.__module__}.{thing.__qualname__}"


def twice(names: typing.Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


# -- events ----------------------------------------------------------------------------------------------------------------------------


def carries_ids_only(annotation: object) -> bool:
    if typing.get_origin(annotation) in {typing.Union, UnionType}:
        return all(carries_ids_only(part) for part in typing.get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, UUID | int | bool | date | datetime | Enum | type(None))


def owner_of(thing: type) -> str:
    """The department, or what else, whose room the thing stands in; a room may be a file or a folder."""
    parts = thing.__module__.split(".")
    return parts[parts.index("domains") + 1] if "domains" in parts else parts[-2]


def event_offences(event: type[Event]) -> list[str]:
    offences = []
    name = getattr(event, "name", "")
    if not name and event.__subclasses__():
        return []  # fields that several events share
    if not re.fullmatch(r"[a-z]+\.[A-Z][A-Za-z]+", name):
        offences.append(f"{where(event)}: its name “{name}” is not department.PastTense")
    elif name != f"{owner_of(event)}.{event.__qualname__}":
        offences.append(f"{where(event)}: its name “{name}” is not its department and its class")
    if not (dataclasses.is_dataclass(event) and event.__dict__.get("__dataclass_params__") and event.__dataclass_params__.frozen):
        offences.append(f"{where(event)}: not a frozen dataclass")
        return offences
    hints = typing.get_type_hints(event)
    offences += [
        f"{where(event)}.{field.name}: {hints[field.name]}: an event carries ids, numbers, times and codes only"
        for field in dataclasses.fields(event)
        if not carries_ids_only(hints[field.name])
    ]
    return offences


def test_events_carry_ids_and_codes_only() -> None:
    offences = [offence for event in every(Event) for offence in event_offences(event)]
    assert not offences, "\n".join(offences)


def test_an_event_with_a_name_in_it_is_seen() -> None:
    planted = dataclasses.make_dataclass(
        "NamePlanted",
        [("patient_name", str)],
        bases=(Event,),
        frozen=True,
        kw_only=True,
        namespace={"name": "planted.NamePlanted", "__module__": "planted.events"},
    )
    assert any("patient_name" in offence for offence in event_offences(planted))


def test_event_names_are_unique() -> None:
    assert not twice(event.name for event in every(Event) if "name" in event.__dict__)


# -- refusals --------------------------------------------------------------------------------------------------------------------------


def refusal_offences(refusal: type[Refusal]) -> list[str]:
    offences = []
    if not re.fullmatch(r"[a-z][a-z0-9_.]*", refusal.code):
        offences.append(f"{where(refusal)}: code “{refusal.code}”")
    if "message" not in refusal.__dict__ and "code" in refusal.__dict__ and not issubclass(refusal, Invalid):
        offences.append(f"{where(refusal)}: a code of its own, but the sentence of {refusal.__base__}")
    if not HAN.search(refusal.message) or not refusal.message.endswith("。"):
        offences.append(f"{where(refusal)}: “{refusal.message}” is no Chinese sentence that ends with 。")
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(refusal.message) if field is not None]
    except ValueError as error:
        fields = []
        offences.append(f"{where(refusal)}: “{refusal.message}”: {error}")
    offences += [f"{where(refusal)}: placeholder {{{field}}} has no name" for field in fields if not field.isidentifier()]
    if not (400 <= refusal.status < 500 or refusal.status == HTTPStatus.SERVICE_UNAVAILABLE):
        offences.append(f"{where(refusal)}: status {refusal.status}")
    return offences


def test_refusals_say_what_to_do() -> None:
    offences = [offence for refusal in every(Refusal) for offence in refusal_offences(refusal)]
    assert not offences, "\n".join(offences)


@pytest.mark.parametrize(
    ("_case", "message"),
    [
        ("no full stop", "请稍后再试"),
        ("not Chinese", "Try later."),
        ("a nameless placeholder", "请在 {} 前办理。"),
        ("an open brace", "请在 {until 前办理。"),
    ],
)
def test_a_bad_refusal_is_seen(_case: str, message: str) -> None:
    planted = type("Planted", (Refusal,), {"code": "planted", "message": message, "__module__": "planted.words"})
    assert refusal_offences(planted)


def test_refusal_codes_are_unique() -> None:
    assert not twice(refusal.code for refusal in every(Refusal) if "code" in refusal.__dict__)


# -- rule packs ------------------------------------------------------------------------------------------------------------------------


def pack_offences(pack: type[RuleParameters]) -> list[str]:
    offences = [f"{where(pack)}: no {word}" for word in ("rule_id", "title", "source") if not getattr(pack, word, "")]
    if offences:
        return offences
    if not re.fullmatch(r"[A-Z][A-Z0-9]*-[A-Z0-9]+(/[A-Z0-9-]+)*", pack.rule_id):
        offences.append(f"{where(pack)}: rule id “{pack.rule_id}”")
    if not HAN.search(pack.title):
        offences.append(f"{where(pack)}: the title “{pack.title}” is not Chinese")
    if not re.search(r"\.words(\.|$)", pack.__module__):
        offences.append(f"{where(pack)}: a rule pack stands in its department's words")
    try:
        pack()
    except TypeError as error:
        offences.append(f"{where(pack)}: every parameter has a shipped default ({error})")
    return offences


def test_rule_packs_have_title_source_and_defaults() -> None:
    offences = [offence for pack in every(RuleParameters) for offence in pack_offences(pack)]
    assert not offences, "\n".join(offences)


def test_a_rule_pack_without_source_is_seen() -> None:
    planted = type("Planted", (RuleParameters,), {"rule_id": "AP-99", "title": "试", "__module__": "planted.words"})
    assert pack_offences(planted)


def test_rule_ids_are_unique() -> None:
    assert not twice(pack.rule_id for pack in every(RuleParameters))


# -- words -----------------------------------------------------------------------------------------------------------------------------


def test_words_have_chinese_labels_and_plain_codes() -> None:
    offences = [
        f"{where(word)}.{member.name}: code “{member.value}”, label “{member.label}”"
        for word in every(Word)
        for member in word
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]*", member.value) or not member.label.strip()
    ]
    offences += [
        f"{where(word)}: no label is Chinese" for word in every(Word) if len(word) and not any(HAN.search(member.label) for member in word)
    ]
    assert not offences, "\n".join(offences)


def test_labels_of_one_word_differ() -> None:
    offences = [f"{where(word)}: {label}" for word in every(Word) for label in twice(member.label for member in word)]
    assert not offences, "\n".join(offences)
