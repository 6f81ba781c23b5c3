"""The import contracts of ``pyproject.toml`` hold, and each of them sees its own violation in a copy of the tree."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, REPOSITORY, Tree

# Each plant: which contract, and what is added to which files.
PLANTS = [
    ("floors", {"kernel/money.py": "import jiuyi.foundation\n"}),
    ("floors", {"foundation/apps.py": "import jiuyi.domains.identity.words\n"}),
    ("floors", {"kit/apps.py": "import jiuyi.foundation.apps\n"}),
    ("floors", {"domains/billing/actions.py": "import jiuyi.journeys\n"}),
    ("floors", {"journeys/__init__.py": "import jiuyi.desks\n"}),
    ("floors", {"desks/__init__.py": "import jiuyi.interop\n"}),
    ("floors", {"desks/__init__.py": "import jiuyi.project.settings\n"}),
    ("floors", {"attic.py": ""}),
    ("departments", {"domains/identity/queries.py": "import jiuyi.domains.scheduling.queries\n"}),
    ("departments", {"domains/queueing/queries.py": "import jiuyi.domains.encounters.queries\n"}),
    ("departments", {"domains/encounters/actions.py": "import jiuyi.domains.queueing.words\n"}),
    ("departments", {"domains/marketing/__init__.py": ""}),
    ("rooms", {"domains/billing/queries.py": "import jiuyi.domains.billing.actions\n"}),
    ("rooms", {"domains/billing/rules.py": "import jiuyi.domains.billing.events\n"}),
    ("rooms", {"domains/billing/words.py": "import jiuyi.domains.billing.rules\n"}),
    ("rooms", {"domains/billing/models.py": "def f():\n    import jiuyi.domains.billing.queries\n"}),
    ("rooms", {"domains/billing/managers.py": ""}),
    ("pure", {"domains/billing/words.py": "from django.db import models\n"}),
    ("pure", {"domains/billing/rules.py": "from pathlib import Path\n"}),
    ("pure", {"domains/billing/rules.py": "import time\n"}),
    ("pure", {"kernel/money.py": "import os\n"}),
    ("pure", {"domains/billing/events.py": "from jiuyi.foundation import apps\n"}),
    ("doors", {"domains/scheduling/actions.py": "from jiuyi.domains.identity import models\n"}),
    ("doors", {"domains/scheduling/rules.py": "from jiuyi.domains.identity.rules import anything\n"}),
    ("doors", {"journeys/__init__.py": "from jiuyi.domains.billing.models import anything\n"}),
    ("doors", {"desks/__init__.py": "import jiuyi.domains.billing.rules\n"}),
    ("doors", {"scenarios/__init__.py": "import jiuyi.domains.billing.models\n"}),
    ("doors", {"project/urls.py": "import jiuyi.domains.identity.models\n"}),
    ("gate", {"desks/gate/batches.py": "import jiuyi.domains.billing.words\n"}),
    ("gate", {"desks/gate/batches.py": "import jiuyi.domains.scheduling.queries\n"}),
    ("gate", {"desks/gate/batches.py": "import django\n"}),
    ("cycles", {"kernel/money.py": "import jiuyi.kernel.periods\n", "kernel/periods.py": "import jiuyi.kernel.money\n"}),
]
CONTRACTS = ("floors", "departments", "rooms", "pure", "doors", "gate", "cycles")


# One process for all plants: most of a run is the start of Python. It must not be ours, which has loaded the real tree.
LINTER = """
import contextlib, io, json, sys
from importlinter.cli import lint_imports
for line in sys.stdin:
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        code = lint_imports(config_filename="pyproject.toml", limit_to_contracts=tuple(json.loads(line)))
    print(json.dumps([code, told.getvalue()]), flush=True)
"""


class House:
    """A copy of the tree with a linter that waits in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "NO_COLOR": "1", "COLUMNS": "200"}
        self.linter = subprocess.Popen(
            [sys.executable, "-c", LINTER], cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def lint(self, *contracts: str) -> tuple[int, str]:
        """Exit code and report of the named contracts, or of all."""
        assert self.linter.stdin
        assert self.linter.stdout
        self.linter.stdin.write(json.dumps(contracts) + "\n")
        self.linter.stdin.flush()
        code, report = json.loads(self.linter.stdout.readline())
        return code, report


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    shutil.copytree(PACKAGE, folder / "src" / "jiuyi", ignore=lambda _, names: [name for name in names if not is_code(name)])
    copy = House(folder)
    yield copy
    copy.linter.kill()
    copy.linter.communicate()


def is_code(name: str) -> bool:
    return name.endswith(".py") or ("." not in name and name != "__pycache__")


def test_the_tree_keeps_every_contract(house: House) -> None:
    """Seen in the copy, which must be clean before something is planted in it."""
    code, report = house.lint()
    assert code == 0, report


@contextmanager
def planted(folder: Path, files: dict[str, str]) -> Iterator[None]:
    """Add a text to each file, and take everything out again afterwards."""
    before: dict[Path, str | None] = {}
    new_folders = []
    for path, text in files.items():
        file = folder / "src" / "jiuyi" / path
        if file.with_suffix("").is_dir():
            file = file.with_suffix("") / "__init__.py"  # the room has become a folder
        if not file.parent.exists():
            file.parent.mkdir()
            (file.parent / "__init__.py").touch()
            new_folders.append(file.parent)
        before[file] = file.read_text(encoding="utf-8") if file.exists() else None
        file.write_text(f"{before[file] or ''}\n{text}", encoding="utf-8")
    try:
        yield
    finally:
        for file, text in before.items():
            if text is None:
                file.unlink()
            else:
                file.write_text(text, encoding="utf-8")
        for new_folder in new_folders:
            shutil.rmtree(new_folder)


@pytest.mark.parametrize(("contract", "files"), PLANTS, ids=[f"{plant[0]}-{number}" for number, plant in enumerate(PLANTS)])
def test_the_contract_sees_its_violation(contract: str, files: dict[str, str], house: House) -> None:
    with planted(house.folder, files):
        code, report = house.lint(contract)
    assert code, f"{contract} does not see what was planted in {', '.join(files)}\n{report}"
    for path in files:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        assert module.rpartition(".")[2] in report, f"{contract} is broken, but not by {path}\n{report}"


def test_every_contract_has_a_plant() -> None:
    assert {plant[0] for plant in PLANTS} == set(CONTRACTS)
    assert (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8").count("[[tool.importlinter.contracts]]") == len(CONTRACTS)


def test_pure_rooms_load_without_django() -> None:
    """What the contract says, seen at run time: all words, rules and events of all departments in one bare interpreter."""
    modules = [
        source.module
        for source in Tree(PACKAGE).sources
        if source.room in {"words", "rules", "events"} or (source.floor == "kernel" and source.parts[-1] != "__init__")
    ]
    loading = f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)"
    program = f"{loading}\nprint(bool(sys.modules.keys() & {{'django', 'psycopg'}}))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "False", "a pure room pulls in Django or psycopg"
