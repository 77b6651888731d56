"""How a page has to look and behave in a browser: for everybody, at any size, by keyboard alone, on paper."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.web.npm import axe_script

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Chapters out of sight are laid out only when they are scrolled to: here all at once, for they are measured.
ALL_LAID_OUT = "*, *::before { content-visibility: visible !important }"

# What stands out of the window, outside of a box that scrolls by itself, and what is cut off where nothing scrolls.
LOST = """() => {
  const found = [], shown = (e) => e.textContent.trim().slice(0, 30);
  const scrolls = (e) => ["auto", "scroll"].includes(getComputedStyle(e).overflowX);
  const inBox = (e) => { for (let up = e.parentElement; up; up = up.parentElement) if (scrolls(up)) return true; return false; };
  if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const e of document.querySelectorAll("body *")) {
    const style = getComputedStyle(e), box = e.getBoundingClientRect();
    if (!e.checkVisibility() || !box.width || style.clipPath !== "none" || e.closest(".unseen, .skip, thead, svg, option")) continue;
    if ((box.right > innerWidth + 1 || box.left < -1) && !inBox(e)) found.push(`out of the window: ${e.tagName} ${shown(e)}`);
    const hidden = (flow, whole, part) => ["hidden", "clip"].includes(flow) && whole > part + 2;
    const cut = hidden(style.overflowX, e.scrollWidth, e.clientWidth) || hidden(style.overflowY, e.scrollHeight, e.clientHeight);
    if (cut && !e.matches("input, select") && e.textContent.trim()) found.push(`cut off: ${e.tagName} ${shown(e)}`);
  }
  return [...new Set(found)].slice(0, 10);
}"""

# What has the focus: a name for it, whether one sees that it has it, and what covers it.
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const x = Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1), y = Math.min(box.top + Math.min(box.height / 2, 12), innerHeight - 1);
  const over = document.elementFromPoint(x, Math.max(y, 0));
  const seen = over && (e.contains(over) || over.contains(e) || over.closest("label")?.control === e);
  return {
    name: `${e.tagName} ${e.name || e.id || e.textContent.trim().slice(0, 20)}`,
    ringed: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
    within: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    under: seen ? "" : over ? `${over.tagName}.${over.className}` : "nothing",
  };
}"""

# The controls that somebody with a mouse can use, in the order of the page; of a group of radio buttons Tab reaches one.
CONTROLS = """() => {
  const all = [...document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary)")];
  const groups = new Set();
  return all.filter((e) => {
    if (e.disabled || e.type === "hidden" || !e.checkVisibility({ visibilityProperty: true })) return false;
    if (e.type !== "radio") return true;
    if (groups.has(e.name)) return false;
    groups.add(e.name);
    return true;
  }).map((e, i) => { e.dataset.control = i; return e.type === "radio" ? `radio ${e.name}` : `${e.tagName} ${e.name || e.id || e.textContent.trim().slice(0, 20)}`; });
}"""
REACHED = "document.activeElement?.type === 'radio' ? `radio ${document.activeElement.name}` : document.activeElement?.dataset.control ?? null"


def accessible(tab: Page) -> None:
    """axe finds nothing against WCAG 2.2 AA, and nothing is out of the window or cut off. The page's policy has to be bypassed."""
    tab.add_style_tag(content=ALL_LAID_OUT)
    tab.add_script_tag(path=axe_script())
    found = tab.evaluate("rules => axe.run({runOnly: {type: 'tag', values: rules}})", RULES)
    assert [(v["id"], [node["html"] for node in v["nodes"]]) for v in found["violations"]] == [], tab.url
    assert tab.evaluate(LOST) == [], tab.url


def used_by_keyboard(tab: Page, most: int = 400) -> None:
    """Tab reaches every control of the page's own part, each is seen to have the focus, and nothing covers it; back as well."""
    controls = tab.evaluate(CONTROLS)
    wanted = {name if name.startswith("radio ") else str(number) for number, name in enumerate(controls)}
    tab.locator("#main").focus()
    reached = _walk(tab, "Tab", wanted, min(most, len(controls) + 20))
    assert wanted <= reached, f"{tab.url}: not by keyboard {[controls[int(n)] for n in sorted(wanted - reached) if n.isdigit()]}"
    _walk(tab, "Shift+Tab", wanted, min(most, len(controls)))


def _walk(tab: Page, key: str, wanted: set[str], most: int) -> set[str]:
    reached: set[str] = set()
    for _ in range(most):
        tab.keyboard.press(key)
        focused = tab.evaluate(FOCUSED)
        if focused is None:
            break
        assert focused["ringed"] and focused["within"] and not focused["under"], f"{tab.url} {key}: {focused}"
        reached.add(str(tab.evaluate(REACHED)))
        if key == "Tab" and wanted <= reached:
            break
    return reached
