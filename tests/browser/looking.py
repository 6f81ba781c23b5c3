"""What only a browser can see: measured in the page itself."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

PHONE, SMALL_PHONE, DESK, WALL = (390, 844), (320, 640), (1366, 768), (1920, 1080)
LARGE_TEXT = 1.6
FINGER, OLD_FINGER = 44, 60
OLD_TEXT = 18

CONTROLS = """least => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
  .filter(each => each.offsetParent && !each.closest(".skip"))
  .map(each => each.matches("[type=radio], [type=checkbox]") ? document.querySelector(`label[for="${each.id}"]`) || each : each)
  .map(each => [each.textContent.trim().slice(0, 20), each.getBoundingClientRect()])
  .filter(([, box]) => box.width < least || box.height < least)
  .map(([text, box]) => `${text} ${box.width} x ${box.height}`)"""
SMALL_TEXT = """least => [...document.querySelectorAll("main *, header *, footer *")]
  .filter(each => each.offsetParent && !each.closest("svg, .unseen, .tiles, .table-frame")
    && [...each.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
  .filter(each => parseFloat(getComputedStyle(each).fontSize) < least)
  .map(each => each.className + " " + each.textContent.trim().slice(0, 20))"""
ENLARGE = """by => {
  const root = document.documentElement;
  root.style.fontSize = "";
  if (by !== 1) root.style.fontSize = parseFloat(getComputedStyle(root).fontSize) * by + "px";
}"""
TEXTS = """() => {
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === 3) {
      const tag = node.parentElement.closest("script, style, template, [lang='zh-CN']");
      if (!tag || tag === document.documentElement) found.push(node.textContent);
    } else for (const name of ["aria-label", "title", "alt", "placeholder", "data-confirm", "data-text"])
      if (node.hasAttribute(name)) found.push(node.getAttribute(name));
  }
  return found.map(text => text.trim()).filter(text => /[\\u3400-\\u9fff]/.test(text));
}"""


def axe(page: Page) -> list[tuple[str, str]]:
    """Each violation with the first element that commits it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate("axe.run({resultTypes: ['violations']}).then(found => found.violations)")
    return [(each["id"], each["nodes"][0]["html"][:300]) for each in violations]


def resize(page: Page, size: tuple[int, int], text: float = 1) -> None:
    """Another screen, another size of letters, the same page."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate(ENLARGE, text)


def scrolls_sideways(page: Page, size: tuple[int, int]) -> list[str]:
    """The elements that stick out, if the page can be scrolled sideways."""
    if page.evaluate("document.documentElement.scrollWidth") <= size[0]:
        return []
    return [
        f"wider than {size[0]}: {each}"
        for each in page.evaluate(
            """width => [...document.querySelectorAll("body *")].filter(each => each.getBoundingClientRect().right > width + 1)
            .map(each => each.outerHTML.slice(0, 120)).slice(0, 3)""",
            size[0],
        )
    ] or [f"wider than {size[0]}"]
