"""A business "no" is a value: a code, a sentence that says what to do next, and data.

::

    Refusal
    ├── NotFound         the thing does not exist, or the actor may not know that it does
    ├── NotAllowed       the actor is known and may not do this
    ├── Invalid          what was typed cannot be taken; names the fields
    └── … each department's own, in its ``words.py``
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from jiuyi.kernel.text import gettext_noop


class Refusal(Exception):  # noqa: N818  # a refusal is an answer, not an error
    """Base of every business "no". Subclasses set ``code``, ``message`` (Chinese, ``{placeholders}``) and ``status``.

    ``message`` is a translatable template: the page calls ``gettext(refusal.message).format(**refusal.data)``.
    ``fields`` maps form field names to message templates, all conflicts at once.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str] = gettext_noop("现在不能这样办理，请到服务台咨询。")
    status: ClassVar[int] = 422

    def __init__(self, *, fields: Mapping[str, str] | None = None, **data: Any) -> None:
        super().__init__(self.code)
        self.data: dict[str, Any] = data
        self.fields: dict[str, str] = dict(fields or {})

    def __str__(self) -> str:
        return f"{self.code}: {self.message.format_map(_Blank(self.data))}"


class Reasons(tuple[str, ...]):
    """Several sentences in the data of one refusal, all at once: message templates that the page translates and fills as well."""

    __slots__ = ()


class NotFound(Refusal):
    """The thing is not there, or this actor may not learn that it is."""

    code = "not_found"
    message = gettext_noop("没有找到。请从首页重新进入，或到服务台咨询。")
    status = 404


class NotAllowed(Refusal):
    """The actor is known and may not do this."""

    code = "not_allowed"
    message = gettext_noop("您的账号没有这项权限。需要时请联系本院系统管理员。")
    status = 403


class Invalid(Refusal):
    """What was typed cannot be taken; ``fields`` says which and how to mend it."""

    code = "invalid"
    message = gettext_noop("请改正下面标出的内容。")


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
