"""The state of every catalogue item, computed from the tests' marks and the last run's results.

=========  ================================================================================================
absent     no test carries the number
partial    tests prove parts of it only
unproven   a test claims the whole line, but it did not pass in a run of this very tree, or it drove no page or API
works      such a test passed in a run of this tree and drove a page or an API
=========  ================================================================================================
"""

import ast
import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path("test-results") / "catalogue.json"
SOURCES = ("src", "tests", "pyproject.toml", "requirements.lock", "requirements-dev.lock")
NO_PAGES = ("/static/", "/healthz", "/i18n/")


@dataclass(frozen=True, slots=True)
class Claim:
    """One mark on one test: it proves the whole line of an item (``part`` empty) or a part of it."""

    item: str
    test: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test (with all its parameters) ended, and which pages it drove."""

    passed: bool
    pages: frozenset[str] = frozenset()


@dataclass(slots=True)
class Item:
    """One line of the printed catalogue."""

    id: str
    english: str
    chinese: str
    state: str
    tests: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The contract: id, state, tests, pages."""
        return {"id": self.id, "state": self.state, "tests": self.tests, "pages": self.pages}


def titles() -> dict[str, tuple[str, str]]:
    """``C1`` … ``C119`` with English and Chinese titles."""
    with (Path(__file__).parent / "catalogue.toml").open("rb") as file:
        return {f"C{number}": (english, chinese) for number, (english, chinese) in tomllib.load(file)["items"].items()}


def states(claims: Iterable[Claim], outcomes: dict[str, Outcome]) -> list[Item]:
    """Every item with its state. ``outcomes`` is empty when the last run was of another tree."""
    of_item: dict[str, list[Claim]] = {}
    for claim in claims:
        of_item.setdefault(claim.item, []).append(claim)
    items = []
    for number, (english, chinese) in titles().items():
        mine = of_item.get(number, [])
        pages = {page for claim in mine for page in outcomes.get(claim.test, Outcome(passed=False)).pages}
        tests = sorted({claim.test for claim in mine})
        items.append(Item(number, english, chinese, _state(mine, outcomes), tests, sorted(pages)))
    return items


def _state(claims: list[Claim], outcomes: dict[str, Outcome]) -> str:
    whole = [claim for claim in claims if not claim.part]
    if not claims:
        return "absent"
    if not whole:
        return "partial"
    # Every test that claims the whole line must hold: one that fails says that the line does not.
    proofs = [outcomes.get(claim.test) for claim in whole]
    if all(proof is not None and proof.passed for proof in proofs) and any(proof is not None and proof.pages for proof in proofs):
        return "works"
    return "unproven"


def claims_in(tests: Path) -> Iterator[Claim]:
    """Every ``@pytest.mark.catalogue`` below a directory, read without importing anything."""
    for file in sorted(tests.rglob("test_*.py")):
        name = file.relative_to(tests.parent).as_posix()
        tree = ast.parse(file.read_text(encoding="utf-8"), filename=name)
        yield from _claims_of_body(tree.body, name, _module_marks(tree))


def _claims_of_body(body: list[ast.stmt], prefix: str, inherited: list[ast.expr]) -> Iterator[Claim]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _claims_of_body(node.body, f"{prefix}::{node.name}", [*inherited, *node.decorator_list])
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            for mark in [*inherited, *node.decorator_list]:
                yield from _claims_of_mark(mark, f"{prefix}::{node.name}")


def _module_marks(tree: ast.Module) -> list[ast.expr]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets):
            return list(node.value.elts) if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
    return []


def _claims_of_mark(mark: ast.expr, test: str) -> Iterator[Claim]:
    if not (isinstance(mark, ast.Call) and ast.unparse(mark.func).endswith("mark.catalogue")):
        return
    # Both `"C2", "C5"` and `"C2", part="the last place"` are written in the tests; anything but literals is a mistake.
    part = next((str(ast.literal_eval(word.value) or "") for word in mark.keywords if word.arg == "part"), "")
    for argument in mark.args:
        yield Claim(str(ast.literal_eval(argument)), test, part)


def outcomes_of(results: Path, digest: str) -> dict[str, Outcome]:
    """The last run's outcomes by test, parameters joined; nothing if that run was of another tree."""
    try:
        stored = json.loads(results.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if stored.get("tree") != digest:
        return {}
    joined: dict[str, Outcome] = {}
    for node_id, result in stored.get("tests", {}).items():
        name = node_id.partition("[")[0]
        earlier = joined.get(name, Outcome(passed=True))
        joined[name] = Outcome(earlier.passed and result["outcome"] == "passed", earlier.pages | frozenset(result.get("pages", [])))
    return joined


def tree_digest(root: Path) -> str:
    """The same for the same sources and tests, wherever they lie and whether git knows them or not."""
    digest = hashlib.sha256()
    for source in SOURCES:
        start = root / source
        files = [start] if start.is_file() else sorted(file for file in start.rglob("*") if file.is_file())
        for file in files:
            if "__pycache__" in file.parts or file.name.startswith("."):
                continue
            digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_page(path: str) -> bool:
    """Whether an address counts as a page or an API: static files and the health check do not."""
    return not path.startswith(NO_PAGES)
