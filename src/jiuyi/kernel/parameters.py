"""Typed parameters of a rule pack: the defaults ship in code with their source; hospitals override them by scope."""

from typing import Any, ClassVar, TypeVar

import msgspec


class RuleParameters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every rule pack's parameters. Subclasses stand in a department's ``words.py``.

    ``rule_id`` is permanent (``AP-12``), ``title`` is Chinese, ``source`` says where the defaults come from.
    Limits are written with ``Annotated[int, msgspec.Meta(ge=…, le=…)]`` and units stand in the names.
    """

    rule_id: ClassVar[str]
    title: ClassVar[str]
    source: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        """The parameters as plain JSON values."""
        return msgspec.to_builtins(self)


class ConflictingValues(ValueError):  # noqa: N818  # says what it is: values that cannot stand together
    """Values that are right each for itself and cannot stand together; ``fields`` says why at every one of them."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


T = TypeVar("T", bound=RuleParameters)


def read_parameters(kind: type[T], values: dict[str, Any]) -> T:
    """Check plain values against the type and its limits; ``msgspec.ValidationError`` names the field otherwise."""
    return msgspec.convert(values, kind, strict=True)
