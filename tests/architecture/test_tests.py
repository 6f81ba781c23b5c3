"""The tests about the tests: none is left out, none sleeps its way to green."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.tree import REPOSITORY, Source, Tree, dotted

LEFT_OUT = re.compile(r"(^|\.)(skip|skipif|skipIf|skipUnless|xfail|importorskip|expectedFailure|SkipTest)$")


def left_out(tree: Tree) -> list[str]:
    return [
        f"tests/{source.at(node)}: {dotted(node)}: a test that does not run proves nothing"
        for source in tree.sources
        for node in source.nodes
        if isinstance(node, ast.Attribute | ast.Name) and LEFT_OUT.search(dotted(node))
    ]


def nameless_files(tree: Tree) -> list[str]:
    """A file with tests that pytest would not collect."""
    return [
        f"tests/{source.path}: holds tests, but pytest collects test_*.py"
        for source in tree.sources
        if _has_tests(source) and not _is_collected(source)
    ]


def _has_tests(source: Source) -> bool:
    return any(function.name.startswith("test_") for function in source.functions())


def _is_collected(source: Source) -> bool:
    return source.parts[-1].startswith("test_")


def test_no_test_is_left_out() -> None:
    assert not (offenders := left_out(Tree(REPOSITORY / "tests"))), "\n".join(offenders)


def test_every_test_is_collected() -> None:
    assert not (offenders := nameless_files(Tree(REPOSITORY / "tests"))), "\n".join(offenders)


@pytest.mark.parametrize(
    "text",
    [
        "@pytest.mark.skip\ndef test_x(): ...",
        "def test_x():\n    pytest.skip('later')",
        "@pytest.mark.xfail(reason='x')\ndef test_x(): ...",
    ],
)
def test_a_left_out_test_is_seen(text: str, tmp_path: Path) -> None:
    (tmp_path / "test_planted.py").write_text(text, encoding="utf-8")
    assert left_out(Tree(tmp_path))


def test_a_file_that_is_not_collected_is_seen(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("def test_x(): ...", encoding="utf-8")
    assert nameless_files(Tree(tmp_path))
