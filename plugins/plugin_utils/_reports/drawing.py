# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The path of the access as a drawing: from the principal to the warehouse, the catalogs and their schemas.

Each edge has its privileges and a sign; the colour only repeats what the sign says. Made of the report alone.
"""

from __future__ import annotations

import html
import typing as t
import unicodedata

from markupsafe import Markup

from ansible_collections.lakeops.databricks.plugins.module_utils._common.json_types import Json

Text = t.Callable[..., str]

WIDTH = 360
_LINE, _GAP, _BOX = 17, 14, 46
_INDENT, _STEP = 22, 30
# How wide a letter is at the sizes of the drawing; one of Hangul takes two places.
_WIDE, _NARROW = 8.4, 7.4
# The worst first: what an edge shows that has several verdicts.
LEVELS = ("bad", "more", "warn", "unknown", "change", "good", "none")
_SIGNS = {
    "good": '<path d="M-4.5 .5 L-1.5 3.5 L4.5 -3.5"/>',
    "warn": '<path d="M0 -4.5 V1"/><path d="M0 4.2 V4.4"/>',
    "more": '<path d="M-4.5 0 H4.5 M0 -4.5 V4.5"/>',
    "bad": '<path d="M-3.5 -3.5 L3.5 3.5 M3.5 -3.5 L-3.5 3.5"/>',
    "unknown": '<path d="M-2.6 -2.2 A2.6 2.6 0 1 1 .4 .6 Q0 1 0 1.8"/><path d="M0 4.6 V4.8"/>',
    "change": '<path d="M-4.5 2.5 L0 -3 L4.5 2.5"/>',
    "none": '<path d="M-4 0 H4"/>',
}


class Edge(t.NamedTuple):
    """What the principal may do on one object.

    :ivar depth: 1 below the principal, 2 below a catalog
    :ivar kind: warehouse, catalog, schema or table
    :ivar full: the whole name, and the ID where there is one
    """

    depth: int
    kind: str
    name: str
    full: str
    privileges: list[str]
    level: str


def edges(report: Json) -> list[Edge]:
    """The edges from the top to the bottom, with what the checks say of each."""
    wanted = report["wanted"]
    found = [
        _warehouse(report, permission)
        for permission in wanted["permissions"]
        if permission["object_type"] == "warehouse"
    ]
    grants = {(grant["securable"], grant["name"]): grant["privileges"] for grant in wanted["grants"]}
    schemas = {schema["name"]: schema for schema in wanted["schemas"]}
    below = [name for kind, name in grants if kind != "catalog"]
    catalogs = [name for kind, name in grants if kind == "catalog"]
    catalogs += [name.split(".")[0] for name in (*below, *schemas)]
    for catalog in dict.fromkeys(catalogs):
        only = len({name for kind, name in grants if kind == "catalog"}) < 2
        ids = ["catalog"] if only else [f"catalog_{catalog}"]
        found.append(_edge(report, 1, "catalog", catalog, grants.get(("catalog", catalog), []), ids))
        inside = [(kind, name) for kind, name in grants if kind != "catalog" and name.split(".")[0] == catalog]
        inside += [
            ("schema", name) for name in schemas if name.split(".")[0] == catalog and ("schema", name) not in grants
        ]
        for kind, name in inside:
            ids = [schemas[name]["id"]] if name in schemas else [name]
            found.append(_edge(report, 2, kind, name, grants.get((kind, name), []), ids, schemas.get(name)))
    return found


def _warehouse(report: Json, permission: Json) -> Edge:
    known = report["found"]["warehouse"] or {}
    name = str(known.get("name") or permission.get("object") or "")
    ident = str(known.get("id") or permission.get("object") or "")
    full = name if ident in ("", name) else f"{name} ({ident})"
    level = _level(report, {"warehouse", "session"}, ("on warehouse ",), (ident, name))
    return Edge(1, "warehouse", name, full, [permission["level"]], level)


def _edge(
    report: Json, depth: int, kind: str, name: str, privileges: list[str], ids: list[str], schema: Json | None = None
) -> Edge:
    checks = {f"{about}_{one}" for about in ("grants", "surplus", "indirect") for one in ids}
    if schema is not None:
        several = sum(one["use"] == schema["use"] for one in report["wanted"]["schemas"]) > 1
        tail = f"_{schema['id']}" if several else ""
        bases = ("tables", "forbidden_create") if schema["use"] == "read" else ("leftovers", *_PROBES)
        checks |= {f"{base}{tail}" for base in bases}
        checks |= {
            check["id"] for check in report["checks"] if check["id"].startswith((f"select_{name}.", f"rows_{name}."))
        }
    level = _level(report, checks, (f"on {kind} ", f"{kind} "), (name,))
    return Edge(depth, kind, name.split(".", 1)[1] if depth > 1 else name, name, privileges, level)


_PROBES = ("probe_create", "probe_insert", "probe_count", "probe_drop")


def _level(report: Json, ids: t.Collection[str], before: t.Sequence[str], names: t.Sequence[str]) -> str:
    """The worst of what the checks with these ids say; without any, whether a run would change it."""
    levels = [_of_check(check) for check in report["checks"] if check["id"] in ids]
    if levels:
        return min(levels, key=LEVELS.index)
    ends = tuple(f"{word}{name}" for word in before for name in names if name)
    changed = any(str(one["object"]).endswith(ends) for one in report["changed"])
    return "change" if changed and report["run"]["mode"] == "check" else "none"


def _of_check(check: Json) -> str:
    if check["result"] == "failed":
        return "bad" if check["kind"] == "works" else "more"
    return {"warned": "warn", "skipped": "unknown"}.get(check["result"], "good")


# -- drawing ------------------------------------------------------------------------------------
def svg(report: Json, text: Text) -> Markup:
    """The drawing, with a text for those who do not see it."""
    drawn = edges(report)
    title = report["partner"]["title"]
    principal = report["principal"]["name"]
    parts = [_box(0.5, 0.5, WIDTH - 1, principal, text("draw_principal", title=title), _with_id(report), "account")]
    y, ends = _BOX + 0.5, {0: float(_BOX), 1: 0.0}
    stems: list[str] = []
    for one in drawn:
        x = _INDENT + (one.depth - 1) * _STEP
        label = _label(one, text)
        lines = _wrapped(label, WIDTH - x - 34)
        y += _GAP
        middle = y + 10
        stems.append(_stem(x, ends[one.depth - 1], middle))
        parts.append(_sign(x, middle, one.level))
        for number, line in enumerate(lines):
            words = html.escape(line)
            parts.append(f'<text class="edge" x="{x + 16}" y="{y + 14 + number * _LINE:g}">{words}</text>')
        y += max(1, len(lines)) * _LINE + 6
        left = x + 16
        parts.append(_box(left, y, WIDTH - left - 0.5, one.name, text(f"draw_{one.kind}"), one.full, "object"))
        stems.append(f'<path class="stem" d="M{x} {middle:g} V{y + _BOX / 2:g} H{left}"/>')
        y += _BOX
        # From the sign of a box the line to the next one goes on; below a catalog begins another.
        ends[one.depth - 1] = middle
        ends[one.depth] = y
    height = y + 1
    description = " ".join(_said(one, text) for one in drawn)
    return Markup(  # every value in it is escaped above
        f'<svg class="drawing" viewBox="0 0 {WIDTH} {height:g}" role="img"'
        ' aria-labelledby="drawing-title drawing-text">'
        f'<title id="drawing-title">{html.escape(text("drawing_of", principal=visible(principal)))}</title>'
        f'<desc id="drawing-text">{html.escape(description)}</desc>{"".join(stems)}{"".join(parts)}</svg>'
    )


def legend(report: Json, text: Text) -> list[tuple[Markup, str]]:
    """The signs that the drawing has, and what they mean."""
    used = {edge.level for edge in edges(report)}
    return [
        (
            mark(level),
            text(f"edge_{level}"),
        )
        for level in LEVELS
        if level in used
    ]


def mark(level: str) -> Markup:
    """The sign of a level alone; what it means stands beside it."""
    return Markup(f'<svg viewBox="-10 -10 20 20" aria-hidden="true">{_sign(0, 0, level)}</svg>')


def visible(name: str) -> str:
    """A name without letters that are not seen or turn the direction of writing; their numbers stand for them."""
    return "".join(
        f"[U+{ord(letter):04X}]"
        if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs") and letter not in "\n\t"
        else letter
        for letter in name
    )


def _said(edge: Edge, text: Text) -> str:
    what = f"{text(f'draw_{edge.kind}')} {visible(edge.full)}"
    return text("draw_edge", what=what, privileges=_label(edge, text), state=text(f"edge_{edge.level}") + ".")


def _label(edge: Edge, text: Text) -> str:
    return ", ".join(visible(name).replace("_", " ") for name in edge.privileges) or text("draw_none")


def _with_id(report: Json) -> str:
    name, ident = report["principal"]["name"], report["principal"]["id"]
    return f"{name} ({ident})" if ident and ident != name else name


def _stem(x: float, start: float, end: float) -> str:
    return f'<path class="stem" d="M{x:g} {start:g} V{end:g}"/>'


def _sign(x: float, y: float, level: str) -> str:
    return (
        f'<g class="sign {level}" transform="translate({x:g} {y:g})"><circle r="8.5"/>'
        f'<g class="mark">{_SIGNS[level]}</g></g>'
    )


def _box(x: float, y: float, width: float, name: str, kind: str, full: str, what: str) -> str:
    """A box with a kind and a name; the whole name shows when somebody points at it."""
    whole, room = " ".join(visible(name).split()), width - 20
    shown = _short(whole, room, _WIDE)
    # A shortened name has to fit, however wide the letters of the reader's font are.
    fitted = f' textLength="{room:g}" lengthAdjust="spacingAndGlyphs"' if shown != whole else ""
    return (
        f'<g class="box {what}"><title>{html.escape(visible(full))}</title>'
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{_BOX}" rx="8"/>'
        f'<text class="kind" x="{x + 10:g}" y="{y + 17:g}">{html.escape(_short(kind, room, _NARROW))}</text>'
        f'<text class="name" x="{x + 10:g}" y="{y + 36:g}"{fitted}>{html.escape(shown)}</text></g>'
    )


def _places(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _short(text: str, room: float, wide: float) -> str:
    """As much of a name as there is room for: its beginning and its end, which tell names apart."""
    most = int(room / wide)
    if _places(text) <= most:
        return text
    head, tail = "", ""
    for letter in text:
        if _places(head + letter) > most * 3 // 5:
            break
        head += letter
    for letter in reversed(text):
        if _places(head + "…" + letter + tail) > most:
            break
        tail = letter + tail
    return f"{head}…{tail}"


def _wrapped(text: str, room: float) -> list[str]:
    """Lines that fit, broken between words."""
    most, lines = int(room / _NARROW), [""]
    for word in text.split():
        if lines[-1] and _places(f"{lines[-1]} {word}") > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [_short(line, room, _NARROW) for line in lines]
