"""Every sentence the program can say, found without the gettext tools: in templates by Django's own lexer, in Python by ``ast``."""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from django.template.base import Lexer, Token, TokenType
from django.utils.translation.template import templatize

from tests.architecture.tree import PACKAGE, Source, Tree

ONE_FORM = frozenset({"_", "gettext", "gettext_lazy", "gettext_noop"})
TWO_FORMS = frozenset({"ngettext", "ngettext_lazy"})
WITH_CONTEXT = frozenset({"pgettext", "pgettext_lazy", "npgettext", "npgettext_lazy"})
MARKERS = ONE_FORM | TWO_FORMS

CHINESE = re.compile(r"[\u2e80-\u303f\u3400-\u9fff\uff00-\uffef]")
"""Han characters, and the full-width punctuation that only stands between them."""

_LITERAL = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
_ONE = re.compile(rf"\b(?:gettext|_)\({_LITERAL}\)")
_TWO = re.compile(rf"\bngettext\({_LITERAL}, {_LITERAL}")
_MARKED_CONSTANT = re.compile(rf"_\({_LITERAL}\)")
_TRANSLATE = re.compile(rf"""^(?:translate|trans)\s+{_LITERAL}""")

_BETWEEN_MARKUP = re.compile(r"[^<>=]+")

T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Saying:
    """A source sentence and the place that says it, relative to the package."""

    msgid: str
    place: str


@cache
def templates() -> tuple[tuple[str, str], ...]:
    """Each template as ``(path, text)``."""
    files = sorted(each for each in PACKAGE.rglob("templates/**/*") if each.suffix in {".html", ".txt"})
    return tuple((each.relative_to(PACKAGE).as_posix(), each.read_text(encoding="utf-8")) for each in files)


@cache
def sources() -> tuple[Source, ...]:
    return tuple(Tree(PACKAGE).sources)


def marked_in_template(text: str) -> list[str]:
    """What ``makemessages`` would take out of a template."""
    marked = templatize(text)
    found = [ast.literal_eval(each.group(1)) for each in _ONE.finditer(marked)]
    return found + [ast.literal_eval(each) for pair in _TWO.finditer(marked) for each in pair.groups()]


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def marked_in_source(source: Source) -> list[str]:
    """What ``makemessages`` would take out of a Python file."""
    found = []
    for node in source.nodes:
        name = _called(node)
        forms = 2 if name in TWO_FORMS else 1 if name in ONE_FORM else 0
        arguments = node.args[:forms] if isinstance(node, ast.Call) else []
        found += [each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return found


def built_at_run_time(source: Source) -> list[str]:
    """Calls that mark an f-string, which no catalogue can hold, or give a context, which this test does not read."""
    calls = [node for node in source.nodes if isinstance(node, ast.Call) and _called(node) in MARKERS | WITH_CONTEXT]
    bad = [node for node in calls if _called(node) in WITH_CONTEXT or any(isinstance(each, ast.JoinedStr) for each in node.args)]
    return [f"{source.path}:{node.lineno}" for node in bad]


@cache
def sayings() -> tuple[Saying, ...]:
    said = {Saying(msgid, path) for path, text in templates() for msgid in marked_in_template(text)}
    said |= {Saying(msgid, source.path) for source in sources() for msgid in marked_in_source(source)}
    return tuple(sorted(each for each in said if each.msgid.strip()))


# -- what stands outside every mark ----------------------------------------------------------------------------------------------------


def unmarked_in_template(text: str) -> list[tuple[int, str]]:
    """``(line, words)`` of Chinese that no translation can reach."""
    found, closing = [], ""
    for token in Lexer(text).tokenize():
        word = token.contents.split()[0] if token.token_type is TokenType.BLOCK else ""
        if closing:
            closing = "" if word in closing.split() else closing
        elif word in {"blocktranslate", "blocktrans", "comment"}:
            closing = "endblocktranslate endblocktrans" if word != "comment" else "endcomment"
        else:
            found += [(token.lineno, rest) for rest in _unmarked(token)]
    return found


def _unmarked(token: Token) -> Iterator[str]:
    if token.token_type is TokenType.COMMENT:
        return
    rest = token.contents if token.token_type is TokenType.TEXT else _MARKED_CONSTANT.sub("", _TRANSLATE.sub("", token.contents))
    if token.token_type is TokenType.TEXT:
        yield from (" ".join(each.split()) for each in _BETWEEN_MARKUP.findall(rest) if CHINESE.search(each))
    elif CHINESE.search(rest):
        yield " ".join(rest.split())


def unmarked_in_source(source: Source) -> list[tuple[int, str]]:
    """``(line, words)`` of Chinese strings outside every marking call; docstrings are not shown to anybody."""
    silent = {id(each) for node in source.nodes for each in _silent_parts(node)}
    strings = [node for node in source.nodes if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent]
    return [(node.lineno, node.value) for node in strings if CHINESE.search(node.value)]


def _silent_parts(node: ast.AST) -> list[ast.AST]:
    if _called(node) in MARKERS and isinstance(node, ast.Call):
        return [part for argument in node.args for part in ast.walk(argument)]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return [node.value]
    return []


# -- the vocabulary --------------------------------------------------------------------------------------------------------------------


def every(base: type[T]) -> list[type[T]]:
    """All subclasses the program defines, after importing each module that says something of its kind."""
    for source in sources():
        if source.module.endswith("words") or re.search(r"\((?:Word|Refusal|Invalid|NotFound|NotAllowed|RuleParameters)\b", source.text):
            importlib.import_module(source.module)
    found: set[type[T]] = set()
    waiting = [base]
    while waiting:
        children = set(waiting.pop().__subclasses__()) - found
        found |= children
        waiting += children
    return sorted((each for each in found if each.__module__.startswith("jiuyi.")), key=lambda each: (each.__module__, each.__qualname__))
