"""How long the server works on each patient page, and how heavy a page is on its first view."""

from collections import defaultdict
from typing import Any

from bench import walk
from bench.browser import Browser, Page
from bench.installation import installation
from bench.outcome import Options, Outcome, percentile
from bench.reference import tpcb

BOUND_MS = 60.0
BOUND_BYTES = 60_000
WARM_UP_ROUNDS = 2


def run(options: Options) -> Outcome:
    """A signed-in walk through the whole booking flow, again and again, on a demo installation with nobody else on it."""
    rounds = 12 if options.quick else 60
    with installation(options) as place:
        seen: defaultdict[str, list[Page]] = defaultdict(list)
        browser = Browser(place.url)
        seen["welcome"] += [browser.get("/") for _ in range(rounds)]
        first_views = {"welcome": Browser(place.url).get("/")}

        def measure(name: str, page: Page) -> None:
            if page.status != 200:  # noqa: PLR2004  # HTTP's "ok"
                message = f"{name} answered {page.status}: {page.url}"
                raise RuntimeError(message)
            first_views[name] = page
            seen[name].append(page)

        walk.sign_in(browser, place.database_url, measure, rounds)
        walk.add_self(browser, measure, rounds)
        for turn in range(rounds + WARM_UP_ROUNDS):
            if turn == WARM_UP_ROUNDS:
                for name in set(seen) - {"welcome", "sign_in", "code", "add_person"}:
                    seen[name].clear()
            booking = walk.book(browser, turn, measure)
            walk.look_around(browser, booking, measure)
            walk.pay_and_cancel(browser, booking, measure)
        pages = {name: _cost(pages) for name, pages in seen.items() if pages}
        weights = {name: _weight(browser, page) for name, page in first_views.items()}
        reference = tpcb(place.administrator_url, quick=options.quick)
    everything = [page.app_ms for each in seen.values() for page in each]
    slowest = max(pages, key=lambda name: pages[name]["p95_ms"])
    heaviest = max(weights, key=lambda name: weights[name]["first_view_bytes"])
    return Outcome(
        "pages",
        figures={
            "rounds": rounds,
            "p50_ms": percentile(everything, 0.5),
            "p95_ms": percentile(everything, 0.95),
            "slowest_page": slowest,
            "slowest_page_p95_ms": pages[slowest]["p95_ms"],
            "bound_ms": BOUND_MS,
            "heaviest_page": heaviest,
            "heaviest_page_bytes": weights[heaviest]["first_view_bytes"],
            "bound_bytes": BOUND_BYTES,
            "layout": "one machine, embedded PostgreSQL, one visitor" if place.directory else "a running installation, one visitor",
            "pages": {name: {**pages[name], **weights.get(name, {})} for name in pages},
        },
        reference=reference,
        ratios={"slowest_page_p95_to_tpcb_latency": round(pages[slowest]["p95_ms"] / reference["latency_ms"], 2)},
    )


def _cost(pages: list[Page]) -> dict[str, Any]:
    times = [page.app_ms for page in pages]
    return {
        "count": len(pages),
        "p50_ms": percentile(times, 0.5),
        "p95_ms": percentile(times, 0.95),
        "db_p50_ms": percentile([page.database_ms for page in pages], 0.5),
        "statements": max(page.statements for page in pages),
    }


def _weight(browser: Browser, page: Page) -> dict[str, Any]:
    """Page, style sheets, scripts and manifest as they cross the line, with heads; pictures and fonts apart."""
    assets = sum(browser.weight(asset) for asset in dict.fromkeys(page.assets))
    return {"page_bytes": page.transferred, "first_view_bytes": page.transferred + assets}
