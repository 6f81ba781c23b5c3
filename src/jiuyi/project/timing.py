"""How long the server worked on a page, told in the standard ``Server-Timing`` header (browsers show it, benchmarks read it)."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse


class _Database:
    """Counts the statements of one request and the time spent waiting for them."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.statements = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:  # noqa: FBT001  # Django's signature
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - begun
            self.statements += 1


class ServerTimingMiddleware:
    """``Server-Timing: app;dur=12.3, db;dur=4.5;desc="7 statements"`` on every answer; milliseconds. Stands first, to see all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and say how long it took."""
        database = _Database()
        begun = time.perf_counter()
        with connection.execute_wrapper(database):
            response = self.get_response(request)
        milliseconds = (time.perf_counter() - begun) * 1000
        response["Server-Timing"] = (
            f'app;dur={milliseconds:.1f}, db;dur={database.seconds * 1000:.1f};desc="{database.statements} statements"'
        )
        return response
