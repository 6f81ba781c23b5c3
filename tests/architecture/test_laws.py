"""The laws hold in the tree, and each of them sees its own violation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import laws
from tests.architecture.tree import PACKAGE, REPOSITORY, Tree

HOUSE = Tree(PACKAGE)

# Each plant: which law, which file, what is put into it.
PLANTS = [
    (laws.files_parse, "kit/broken.py", "def (:\n"),
    (laws.no_vague_names, "domains/billing/utils.py", ""),
    (laws.no_vague_names, "desks/patient/helpers/forms.py", ""),
    (laws.short_files, "kit/long.py", "x = 1\n" * 401),
    (laws.departments_start_empty, "domains/billing/__init__.py", "from jiuyi.domains.billing.words import Fee\n"),
    (laws.documented_doors, "domains/billing/rules.py", "def price_of(x: int) -> int:\n    return x\n"),
    (laws.documented_doors, "domains/billing/rules/waivers.py", "def may_waive() -> bool:\n    return True\n"),
    (laws.actions_say_who_and_when, "domains/billing/actions.py", "def add_charge(*, now): ...\n"),
    (laws.actions_say_who_and_when, "domains/billing/actions.py", "def add_charge(*, actor): ...\n"),
    (laws.actions_say_who_and_when, "domains/billing/actions.py", "def add_charge(actor, now): ...\n"),
    (laws.actions_say_who_and_when, "domains/billing/actions/__init__.py", "def add_charge(*, now): ...\n"),
    (laws.rooms_are_entered_at_the_front, "domains/billing/actions.py", "from jiuyi.domains.identity.actions._names import masked\n"),
    (laws.actions_say_who_and_when, "domains/scheduling/actions.py", "def lock_appointments(*, actor, now): ...\n"),
    (laws.opened_records_know_the_actor, "domains/identity/queries.py", "def open_person(person_id, *, now): ...\n"),
    (laws.opened_records_know_the_actor, "domains/identity/queries.py", "def open_person(actor, person_id): ...\n"),
    (
        laws.queries_return_values,
        "domains/identity/queries.py",
        "from jiuyi.domains.identity.models import Person\ndef people() -> list[Person]: ...\n",
    ),
    (
        laws.queries_return_values,
        "domains/identity/queries.py",
        "from jiuyi.domains.identity import models\ndef one() -> models.Person: ...\n",
    ),
    (laws.now_is_an_argument, "domains/billing/rules.py", "from datetime import datetime\nx = datetime.now()\n"),
    (laws.now_is_an_argument, "domains/billing/actions.py", "from django.utils import timezone\nx = timezone.now()\n"),
    (laws.now_is_an_argument, "domains/billing/models.py", "from django.db import models\nx = models.DateTimeField(auto_now_add=True)\n"),
    (laws.now_is_an_argument, "journeys/booking.py", "from jiuyi.foundation import clock\nx = clock.now()\n"),
    (laws.now_is_an_argument, "journeys/booking.py", "import time\nx = time.time()\n"),
    (laws.ids_are_made_in_one_place, "domains/billing/models.py", "import uuid\nx = uuid.uuid4()\n"),
    (laws.tables_are_private, "desks/patient/pages.py", "x = Person.objects.get(id=1)\n"),
    (laws.tables_are_private, "domains/billing/actions.py", "from django.apps import apps\nx = apps.get_model('identity', 'Person')\n"),
    (laws.tables_are_private, "domains/billing/queries.py", "SQL = 'select 1 from identity_person'\n"),
    (laws.sql_is_constant, "domains/billing/queries.py", "cursor.execute(f'select {x}')\n"),
    (laws.sql_is_constant, "domains/billing/queries.py", "connection.cursor().execute('select %s' % x)\n"),
    (laws.sql_is_constant, "domains/billing/queries.py", "cursor.execute('select {}'.format(x))\n"),
    (laws.no_signals_of_our_own, "domains/billing/apps.py", "from django.db.models.signals import post_save\n"),
    (laws.no_signals_of_our_own, "journeys/listeners.py", "from django.dispatch import receiver\n"),
    (laws.desks_hold_no_decision, "desks/clerk/pages.py", "from django.db import transaction\n"),
    (laws.foundation_knows_no_medicine, "foundation/access.py", "def may_see_appointment(): ...\n"),
    (
        laws.foreign_keys_by_label,
        "domains/billing/models.py",
        "x = models.ForeignKey(Person, related_name='+', on_delete=models.PROTECT)\n",
    ),
    (laws.foreign_keys_by_label, "domains/billing/models.py", "x = models.ForeignKey('identity.Person', on_delete=models.PROTECT)\n"),
    (
        laws.foreign_keys_by_label,
        "domains/billing/models.py",
        "x = models.ForeignKey('identity.Person', related_name='+', on_delete=models.CASCADE)\n",
    ),
    (
        laws.refusals_carry_their_data,
        "domains/billing/words.py",
        "class TooLate(Refusal):\n    message = gettext_noop('请在 {until} 前办理。')\ndef f():\n    raise TooLate(when=1)\n",
    ),
]


@pytest.mark.parametrize("law", laws.LAWS, ids=lambda law: law.__name__)
def test_the_house_keeps_the_law(law: Callable[[Tree], list[str]]) -> None:
    offenders = law(HOUSE)
    assert not offenders, "\n".join([law.__doc__ or law.__name__, *offenders])


@pytest.mark.parametrize(("law", "path", "text"), PLANTS, ids=[f"{law.__name__}-{number}" for number, (law, _, _) in enumerate(PLANTS)])
def test_the_law_sees_its_violation(law: Callable[[Tree], list[str]], path: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    (file.parent / "__init__.py").touch()
    file.write_text(text, encoding="utf-8")
    neighbour = tmp_path / "domains" / "identity"
    (neighbour / "rules").mkdir(parents=True, exist_ok=True)
    (neighbour / "__init__.py").touch()
    (neighbour / "rules" / "names.py").touch()
    offenders = law(Tree(tmp_path))
    assert any(offender.startswith(path) for offender in offenders), f"{law.__name__} does not see what was planted in {path}"


def test_every_law_has_a_plant() -> None:
    assert {law.__name__ for law in laws.LAWS} == {law.__name__ for law, _, _ in PLANTS}


def test_tests_and_benchmarks_are_short_too() -> None:
    offenders = [*laws.short_files(Tree(REPOSITORY / "tests")), *laws.short_files(Tree(REPOSITORY / "bench"))]
    assert not offenders, "\n".join(offenders)
