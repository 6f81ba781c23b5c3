"""Finding diagnoses, drugs, laboratory items and substances by what a doctor types."""

import csv
from dataclasses import dataclass
from pathlib import Path

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Length

from jiuyi.domains.encounters import rules
from jiuyi.domains.encounters.models import DiagnosisCode, Orderable, Substance
from jiuyi.domains.encounters.words import OrderableUnknown, OrderKind

REFERENCE = Path(__file__).parent.parent / "reference"


@dataclass(frozen=True, slots=True)
class DiagnosisHit:
    """One diagnosis that fits what was typed."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OrderableFacts:
    """One item that can be ordered, with what is usual for it."""

    code: str
    kind: OrderKind
    name: str
    specification: str
    unit: str
    specimen: str
    preparation: str
    usual_dose: str
    usual_route: str
    usual_frequency: str
    substance_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SubstanceHit:
    """One allergen: a substance, or a class of them."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """A shipped price for demonstrations, to be loaded as billing's price item under the same code."""

    code: str
    name: str
    kind: OrderKind
    unit_price_fen: int


def search_diagnoses(text: str, limit: int = 20) -> list[DiagnosisHit]:
    """Diagnoses by Chinese infix (one character is enough), beginning of the code, or pinyin initials (two letters at least).

    Exact names first, then names or initials that begin so, then the shorter ones; empty text finds nothing.
    """
    wanted = rules.searchable(text)
    if not wanted:
        return []
    beginning = _ranked(DiagnosisCode.objects.filter(searchable__startswith=wanted), wanted, limit) if len(wanted) == 1 else []
    # A single common character stands in thousands of names: those that begin with it are enough if there are enough of them.
    return beginning if len(beginning) == limit else _ranked(_fitting(wanted), wanted, limit)


def search_orderables(text: str, kind: OrderKind, limit: int = 20) -> list[OrderableFacts]:
    """Items of one kind by infix of the name, beginning of the code, or initials; empty text gives the first of the list."""
    wanted = rules.searchable(text)
    fits = Q(name__icontains=wanted) | Q(code__istartswith=wanted) | Q(initials__contains=wanted)
    found = Orderable.objects.filter(fits, kind=kind, active=True) if wanted else Orderable.objects.filter(kind=kind, active=True)
    ranked = found.annotate(rank=_plain_rank(wanted), length=Length("name")).order_by("rank", "length", "code")
    return [_orderable(item) for item in ranked[:limit]]


def search_substances(text: str, limit: int = 20) -> list[SubstanceHit]:
    """Allergens and classes of them by infix of the name, or initials; empty text gives the first of the list."""
    wanted = rules.searchable(text)
    found: QuerySet[Substance] = Substance.objects.filter(Q(name__icontains=wanted) | Q(initials__contains=wanted))
    ranked = found.annotate(rank=_plain_rank(wanted), length=Length("name")).order_by("rank", "length", "code")
    return [SubstanceHit(code=s.code, name=s.name) for s in ranked[:limit]]


def orderable(code: str) -> OrderableFacts:
    """One item, or ``encounters.orderable_unknown``."""
    item = Orderable.objects.filter(code=code, active=True).first()
    if item is None:
        raise OrderableUnknown(orderable=code)
    return _orderable(item)


def reference_prices() -> list[ReferencePrice]:
    """The shipped prices of all orderables, in fen."""
    with (REFERENCE / "orderables.csv").open(encoding="utf-8", newline="") as lines:
        return [
            ReferencePrice(code=r["code"], name=r["name"], kind=OrderKind(r["kind"]), unit_price_fen=int(r["unit_price_fen"]))
            for r in csv.DictReader(lines)
        ]


def _fitting(wanted: str) -> QuerySet[DiagnosisCode]:
    if len(wanted) == 1 and wanted.isascii():
        return DiagnosisCode.objects.filter(code__startswith=wanted.upper())
    if wanted.isascii() and wanted[0].isalpha() and any(c.isdigit() for c in wanted):
        # Codes are written A00.000x001: a capital, figures, and a small x.
        by_code = DiagnosisCode.objects.filter(code__startswith=wanted[0].upper() + wanted[1:])
        if by_code.exists():
            return by_code
    return DiagnosisCode.objects.filter(grams__contains=rules.grams_wanted(wanted), searchable__contains=wanted)


def _ranked(found: QuerySet[DiagnosisCode], wanted: str, limit: int) -> list[DiagnosisHit]:
    ranked = found.annotate(rank=_rank(wanted), length=Length("name")).order_by("rank", "length", "code")
    return [DiagnosisHit(code=code, name=name) for code, name in ranked.values_list("code", "name")[:limit]]


def _rank(wanted: str) -> Case:
    """0 for the very name or initials, 1 where the name begins so, 2 where the initials do, 3 anywhere inside."""
    return Case(
        When(Q(searchable__startswith=wanted + "\n") | Q(initials=wanted), then=Value(0)),
        When(searchable__startswith=wanted, then=Value(1)),
        When(initials__startswith=wanted, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )


def _plain_rank(wanted: str) -> Case:
    return Case(
        When(Q(name__iexact=wanted) | Q(initials=wanted), then=Value(0)),
        When(Q(name__istartswith=wanted) | Q(initials__startswith=wanted), then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )


def _orderable(item: Orderable) -> OrderableFacts:
    return OrderableFacts(
        code=item.code,
        kind=OrderKind(item.kind),
        name=item.name,
        specification=item.specification,
        unit=item.unit,
        specimen=item.specimen,
        preparation=item.preparation,
        usual_dose=item.usual_dose,
        usual_route=item.usual_route,
        usual_frequency=item.usual_frequency,
        substance_codes=tuple(item.substance_codes),
    )
