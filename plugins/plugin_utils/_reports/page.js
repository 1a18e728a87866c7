// SPDX-FileCopyrightText: 2026 lakeops contributors
// GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
"use strict";
(() => {
  const announce = document.getElementById("announce");

  // Browsers refuse the clipboard on some pages that were opened as files. Then a hidden field is copied from, as before
  // there was a clipboard for pages; and where that is refused, too, the value is selected for the keyboard.
  const byField = (text) => {
    const field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("aria-hidden", "true");
    field.style.cssText = "position:fixed;top:0;left:-100vw";
    document.body.append(field);
    field.select();
    let done = false;
    try {
      done = document.execCommand("copy");
    } catch {
      done = false;
    }
    field.remove();
    return done;
  };

  const select = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return byField(text);
    }
  };

  for (const button of document.querySelectorAll("button[data-copy]")) {
    const source = document.getElementById(button.dataset.copy);
    const before = button.textContent;
    let timer = 0;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copy(source.textContent);
      button.focus();
      if (!done) {
        select(source);
      }
      button.textContent = done ? button.dataset.copied : button.dataset.selected;
      announce.textContent = "";
      window.clearTimeout(timer);
      // A message that is the same as before would not be read out again.
      window.requestAnimationFrame(() => {
        announce.textContent = done ? button.dataset.said : button.dataset.byHand;
      });
      timer = window.setTimeout(() => {
        button.textContent = before;
      }, 4000);
    });
  }
})();
