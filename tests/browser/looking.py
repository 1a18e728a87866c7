# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page as somebody sees it: on a desk or a phone, in light or dark, with all that the browser says of it."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}

# What is short enough for any line, and yet is on two. A name may be broken after its dots, slashes and underscores.
_CUT = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const cut = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (parent.closest("script, style, svg, .announce, thead") || !parent.checkVisibility()) {
      continue;
    }
    for (const whole of node.data.matchAll(/[^\\s._\\/-]+/gu)) {
      for (const word of whole[0].length > 12 ? [] : whole[0].matchAll(/[\\p{L}\\p{N}]+/gu)) {
        const start = whole.index + word.index;
        const range = document.createRange();
        range.setStart(node, start);
        range.setEnd(node, start + word[0].length);
        const lines = new Set([...range.getClientRects()].map((one) => Math.round(one.top)));
        if (lines.size > 1) {
          cut.push(word[0]);
        }
      }
    }
  }
  return cut;
}"""

# What reaches beyond the edge of the window, or of the box that it is in.
_WIDE = """() => [...document.querySelectorAll("main *, header *")]
  .filter((one) => one.checkVisibility() && !one.closest("thead, svg"))
  .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 0.5 || one.scrollWidth > one.clientWidth + 1)
  .filter((one) => getComputedStyle(one).display !== "inline")
  .map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 60)}`)"""

# Letters of the drawing that are not in their box.
_SPILT = """() => [...document.querySelectorAll("svg.drawing .box")].filter((box) => {
  const frame = box.querySelector("rect").getBoundingClientRect();
  return [...box.querySelectorAll("text")].some((one) => one.getBoundingClientRect().right > frame.right);
}).map((box) => box.textContent)"""


@dataclass
class Look:
    """A page that is open.

    :ivar said: what the browser's console and its errors said
    :ivar asked: addresses that were asked for, but the page's own
    """

    page: t.Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def scrolls_sideways(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def too_wide(self) -> list[str]:
        return list(self.page.evaluate(_WIDE))

    def cut_words(self) -> list[str]:
        return list(self.page.evaluate(_CUT))

    def spilt(self) -> list[str]:
        return list(self.page.evaluate(_SPILT))

    def barriers(self) -> list[str]:
        """What axe-core finds serious or critical."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']} ({one['impact']}): {node['html'][:160]}"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]


@contextlib.contextmanager
def browser(path: str | None) -> t.Iterator[t.Any]:
    """Start a headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        # Its own sandbox needs rights that containers do not have, and the pages are ours.
        running = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@contextlib.contextmanager
def look(
    chromium: t.Any, path: Path, width: str = "desktop", scheme: str = "light", script: str = "", scripts: bool = True
) -> t.Iterator[Look]:
    """Open a page.

    :param width: desktop or phone
    :param scheme: light or dark
    :param script: what runs before the page's own script
    :param scripts: whether the browser runs any
    """
    across, down = WIDTHS[width]
    context = chromium.new_context(
        viewport={"width": across, "height": down},
        color_scheme=scheme,
        is_mobile=width == "phone",
        has_touch=width == "phone",
        java_script_enabled=scripts,
        permissions=["clipboard-read", "clipboard-write"],
    )
    if script:
        context.add_init_script(script)
    page = context.new_page()
    seen = Look(page)
    address = path.absolute().as_uri()
    page.on("console", lambda message: seen.said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.said.append(f"error: {error}"))
    page.on("request", lambda request: seen.asked.append(request.url) if request.url != address else None)
    page.goto(address)
    yield seen
    context.close()
