"""What the model registry shows: keys point downward, money is whole, words are checked by the database too."""

from collections.abc import Iterable, Iterator

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

# Floor by floor, lowest first; two departments on one line may not know each other.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"contenttypes"}),
    frozenset({"auth"}),
    frozenset({"foundation", "kit"}),
    frozenset({"organizations"}),
    frozenset({"identity"}),
    frozenset({"billing", "delivery"}),
    frozenset({"scheduling"}),
    frozenset({"encounters", "queueing"}),
    frozenset({"exams", "amenities"}),
    frozenset({"results", "pharmacy"}),
    frozenset({"inpatient"}),
    frozenset({"emergency", "referral", "homecare", "experience"}),
    frozenset({"journeys"}),
    frozenset({"desks", "interop", "insights"}),
)


def rank(label: str) -> int | None:
    """How high an application lives, or None if it is none of ours."""
    return next((number for number, labels in enumerate(FLOORS) if label in labels), None)


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith("jiuyi.")]


def keys(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
        if field.remote_field is not None and not getattr(field.remote_field, "parent_link", False):
            yield field


def upward_keys(every_model: Iterable[type[models.Model]]) -> list[str]:
    offenders = []
    for model in every_model:
        for field in keys(model):
            target = field.remote_field.model
            label = (target if isinstance(target, str) else target._meta.label).split(".")[0]
            own, other = rank(model._meta.app_label), rank(label)
            if own is None or other is None:
                offenders.append(f"{model._meta.label}.{field.name} → {label}: which floor is that?")
            elif label != model._meta.app_label and other >= own:
                offenders.append(f"{model._meta.label}.{field.name} → {target}: a key points downward only; upward it is a bare UUID")
    return offenders


def visible_from_below(every_model: Iterable[type[models.Model]]) -> list[str]:
    return [
        f"{model._meta.label}.{field.name}: related_name is “{field.remote_field.related_name}”, not “+”"
        for model in every_model
        for field in keys(model)
        if rank(model._meta.app_label) is not None and not (field.remote_field.related_name or "").endswith("+")
        # Django's own user mixins bring their many-to-many fields along.
        if field.name not in {"groups", "user_permissions"}
    ]


def test_foreign_keys_point_downward() -> None:
    assert not (offenders := upward_keys(our_models())), "\n".join(offenders)


def test_foreign_keys_cannot_be_followed_backwards() -> None:
    assert not (offenders := visible_from_below(our_models())), "\n".join(offenders)


@isolate_apps("jiuyi.domains.identity")
@pytest.mark.parametrize(
    ("_case", "own", "target", "broken"),
    [
        ("down", "billing", "identity.Person", False),
        ("to the foundation", "identity", "foundation.ScopeNode", False),
        ("inside", "billing", "billing.Charge", False),
        ("up", "identity", "billing.Charge", True),
        ("sideways", "queueing", "encounters.Encounter", True),
        ("out of the foundation", "foundation", "identity.Person", True),
        ("into the unknown", "identity", "sessions_of_somebody.Thing", True),
    ],
)
def test_an_upward_key_is_seen(_case: str, own: str, target: str, *, broken: bool) -> None:
    meta = type("Meta", (), {"app_label": own})
    field = models.ForeignKey(target, on_delete=models.PROTECT, related_name="+")
    planted = type("Planted", (models.Model,), {"__module__": "jiuyi.planted", "Meta": meta, "target": field})
    assert bool(upward_keys([planted])) is broken


@isolate_apps("jiuyi.domains.identity")
def test_a_backward_name_is_seen() -> None:
    meta = type("Meta", (), {"app_label": "billing"})
    field = models.ForeignKey("identity.Person", on_delete=models.PROTECT)
    planted = type("Planted", (models.Model,), {"__module__": "jiuyi.planted", "Meta": meta, "target": field})
    assert visible_from_below([planted])


def test_money_is_a_whole_number_of_fen() -> None:
    offenders = [
        f"{model._meta.label}.{field.name} is {type(field).__name__}"
        for model in our_models()
        for field in model._meta.local_fields
        if (field.name.endswith("_fen") and not isinstance(field, models.IntegerField)) or isinstance(field, models.FloatField)
    ]
    assert not offenders, "\n".join(offenders)


def test_stored_words_are_checked_by_the_database() -> None:
    """A column with choices has a CHECK that names it: choices alone are only a wish of the form."""
    offenders = []
    for model in our_models():
        if not model.__module__.startswith("jiuyi.domains.") or not model._meta.managed:
            continue
        checks = " ".join(str(getattr(constraint, "condition", "")) for constraint in model._meta.constraints)
        offenders += [
            f"{model._meta.label}.{field.name} has choices but no CheckConstraint"
            for field in model._meta.local_fields
            if field.choices and f"'{field.name}" not in checks
        ]
    assert not offenders, "\n".join(offenders)


def test_ids_are_global() -> None:
    """Rows of a department are known by a UUID, a natural code, or the row they extend; never by a counter of one database."""
    counted = {"billing.LedgerEntry"}  # a line of its transaction: nothing ever points to it
    offenders = [
        model._meta.label
        for model in our_models()
        if model.__module__.startswith("jiuyi.domains.")
        and isinstance(model._meta.pk, models.AutoField | models.BigAutoField)
        and model._meta.label not in counted
    ]
    assert not offenders, "\n".join(offenders)
