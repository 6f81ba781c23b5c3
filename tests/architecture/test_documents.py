"""Documents that name code name code that exists."""

import ast
import re
from itertools import pairwise

import pytest

from tests.architecture.tree import PACKAGE, REPOSITORY, Tree

GLOSSARY = REPOSITORY / "docs" / "glossary.md"
FLOORS_OF_NAMES = ("", "domains/")


def names_in(text: str) -> list[str]:
    """What stands in backticks in the second column of the tables."""
    rows = [line.split("|") for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [name for cells in rows for name in re.findall(r"`([a-z][\w./…]*)`", cells[2])]


def defined() -> set[str]:
    """Every name the code defines, with and without its room: ``billing.Charge``, ``billing.actions.add_charge``, ``kernel.money.Fen``."""
    found: set[str] = set()
    for source in Tree(PACKAGE).sources:
        if source.is_migration:
            continue
        path = [part for part in source.parts if part not in {"domains", "__init__"}]
        prefixes = {".".join(path), path[0], ".".join(path[:2])} if path else set()
        found.update(prefixes)
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found.update(f"{prefix}.{node.name}" for prefix in prefixes)
            if isinstance(node, ast.ClassDef):
                members = {
                    target.id
                    for line in node.body
                    if isinstance(line, ast.Assign)
                    for target in line.targets
                    if isinstance(target, ast.Name)
                }
                found.update(f"{prefix}.{node.name}.{member}" for prefix in prefixes for member in members)
            if isinstance(node, ast.Assign):
                found.update(f"{prefix}.{target.id}" for prefix in prefixes for target in node.targets if isinstance(target, ast.Name))
    return found


def test_the_glossary_names_what_exists() -> None:
    known = defined()
    offenders = [name for name in names_in(GLOSSARY.read_text(encoding="utf-8")) if "…" not in name and name not in known]
    assert not offenders, f"docs/glossary.md names {', '.join(offenders)}"


def test_a_name_that_does_not_exist_is_seen() -> None:
    assert names_in("| 号 | `scheduling.NoSuchThing` | Slot | x |") == ["scheduling.NoSuchThing"]
    assert "scheduling.NoSuchThing" not in defined()


def test_the_glossary_says_each_thing_once() -> None:
    names = names_in(GLOSSARY.read_text(encoding="utf-8"))
    assert not [first for first, second in pairwise(sorted(names)) if first == second]


DECISIONS = sorted((REPOSITORY / "docs" / "adr").glob("*.md"))


@pytest.mark.parametrize("file", DECISIONS, ids=lambda file: file.stem)
def test_decisions_are_short_and_numbered(file) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    number = int(file.stem.split("-")[0])
    assert lines[0].startswith(f"# {number}. "), f"{file.name} begins with “{lines[0]}”"
    written = [line for line in lines[1:] if line.strip()]
    assert 3 <= len(written) <= 15, f"{file.name} has {len(written)} lines"


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = [file.stem.split("-")[0] for file in DECISIONS]
    assert len(numbers) == len(set(numbers)), numbers
