# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Precision and scale of decimal arithmetic as Spark has them; the engine has rules of its own and divides in DOUBLE.

Sources: the comment on DecimalPrecision in apache/spark, and Spark 4.0.1 itself: tests/sandbox has what it
answered. Each operation on decimals gets a cast around it, innermost first, so that the engine's own idea of a type is
Spark's from there on, and it can be asked for the types of what is no arithmetic.
"""

from __future__ import annotations

import re
import typing as t

from sqlglot import exp

from . import engine

Digits = tuple[int, int]  # precision and scale
Kind = Digits | str | None  # a decimal; the engine's name of another type; not known, so nothing is done about it
Ask = t.Callable[[exp.Expr], str | None]  # the engine's type of the only column of a query

MOST, LEAST_SCALE = 38, 6
# Whole numbers beside a decimal are decimals themselves; sums of them are BIGINT in Spark.
_WHOLE: dict[str, Digits] = {"TINYINT": (3, 0), "SMALLINT": (5, 0), "INTEGER": (10, 0)}
_WHOLE |= dict.fromkeys(("BIGINT", "HUGEINT", "UBIGINT"), (20, 0))
_OPERATORS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv)
_TYPED = (*_OPERATORS, exp.Sum, exp.Avg, exp.Round, exp.Ceil, exp.Floor)
_AS_INSIDE = (exp.Neg, exp.Paren, exp.Abs, exp.Max, exp.Min, exp.Distinct)
_AROUND = (exp.Filter, exp.Window)  # what may stand around an aggregate and belongs to it

MACROS = (
    "CREATE MACRO spark_unscaled(x) AS CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT)",
    "CREATE MACRO spark_quotient(n, d) AS "
    f"CASE WHEN d = 0 AND n IS NOT NULL THEN error('{engine.ZERO}') ELSE n // d END",
)

_DONE = "decimals are settled"  # the query of a view is met again in the query that reads the view


def bounded(precision: int, scale: int) -> Digits:
    return min(precision, MOST), min(scale, MOST)


def adjusted(precision: int, scale: int) -> Digits:
    """With too many digits, those behind the point go first, down to six."""
    if precision <= MOST:
        return precision, scale
    whole = precision - scale
    return MOST, max(MOST - whole, min(scale, LEAST_SCALE))


def of_operator(kind: type[exp.Expr], left: Digits, right: Digits) -> Digits:
    (p1, s1), (p2, s2) = left, right
    scale = max(s1, s2)
    if kind is exp.Mul:
        return adjusted(p1 + p2 + 1, s1 + s2)
    if kind is exp.Div:
        scale = max(LEAST_SCALE, s1 + p2 + 1)
        return adjusted(p1 - s1 + s2 + scale, scale)
    if kind is exp.Mod:
        return adjusted(min(p1 - s1, p2 - s2) + scale, scale)
    return adjusted(max(p1 - s1, p2 - s2) + scale + 1, scale)


def of_literal(text: str) -> Digits | None:
    """1.50 is decimal(3,2), 0.05 is decimal(2,2)."""
    found = re.fullmatch(r"(\d*)(?:\.(\d*))?", text)
    if not found or not text.strip("."):
        return None
    whole, fraction = (found[1] or "").lstrip("0"), found[2] or ""
    return max(len(whole) + len(fraction), 1), len(fraction)


def settle(tree: exp.Expr, ask: Ask) -> None:
    """Give all arithmetic on decimals in the queries of the tree Spark's types.

    :param ask: asks the engine
    """
    for select in reversed(list(tree.find_all(exp.Select))):
        if select.meta.get(_DONE):
            continue
        nodes = list(_inside(select))
        if not any(isinstance(node, _TYPED) or _has_point(node) for node in nodes):
            continue
        scope = _Scope(select, ask)
        for node in nodes:
            digits = of_literal(node.name) if _has_point(node) and not isinstance(node.parent, exp.Cast) else None
            if digits is not None:
                node.replace(_cast(node.copy(), digits))
            elif isinstance(node, _OPERATORS):
                scope.operator(node)
            elif isinstance(node, (exp.Sum, exp.Avg)):
                scope.aggregate(node)
            elif isinstance(node, (exp.Round, exp.Ceil, exp.Floor)):
                scope.rounded(node)
        select.meta[_DONE] = True


def _inside(node: exp.Expr) -> t.Iterator[exp.Expr]:
    """What is in a query and in no query inside it, the operands before the operation."""
    for child in list(node.iter_expressions()):
        if not isinstance(child, exp.Query):
            yield from _inside(child)
            yield child


def _has_point(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and re.fullmatch(r"\d*\.\d*", node.name) is not None


def _cast(node: exp.Expr, digits: Digits) -> exp.Cast:
    return exp.Cast(this=node, to=exp.DataType.build(f"DECIMAL({digits[0]}, {digits[1]})"))


def _hugeint(node: exp.Expr) -> exp.Cast:
    return exp.Cast(this=node, to=exp.DataType.build("HUGEINT", dialect="duckdb"))


def _unscaled(node: exp.Expr, digits: Digits, power: int = 0) -> exp.Expr:
    """The decimal without its point, times a power of ten."""
    whole = exp.Anonymous(this="spark_unscaled", expressions=[_cast(node, digits)])
    return exp.Mul(this=whole, expression=_hugeint(exp.Literal.string("1" + "0" * power))) if power > 0 else whole


def _quotient(dividend: exp.Expr, divisor: exp.Expr, digits: Digits) -> exp.Cast:
    """Of whole numbers, of which the dividend has one digit more than the result, by which the cast rounds."""
    scale = digits[1] + 1
    found = exp.Anonymous(this="spark_quotient", expressions=[dividend, divisor])
    least = _cast(exp.Literal.string(f"0.{'0' * (scale - 1)}1"), (scale, scale))
    return _cast(exp.Mul(this=_cast(found, (MOST, 0)), expression=least), digits)


class _Scope:
    """One query, in which the types of its columns can be asked for."""

    def __init__(self, select: exp.Select, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[str, Kind] = {}
        self._from = exp.Select(
            **{key: select.args[key] for key in ("from_", "from", "joins", "laterals") if select.args.get(key)}
        ).copy()
        common = [one for query in self._around(select) for one in query.ctes]
        if common:
            self._from.set("with_", exp.With(expressions=[one.copy() for one in common]))

    @staticmethod
    def _around(select: exp.Select) -> list[exp.Query]:
        found: list[exp.Query] = []
        node: exp.Expr | None = select
        while node is not None:
            if isinstance(node, exp.Query):
                found.insert(0, node)
            node = node.parent
        return found

    def kind(self, node: exp.Expr) -> Kind:
        if isinstance(node, _AS_INSIDE):
            return self.kind(node.expressions[0] if isinstance(node, exp.Distinct) else node.this)
        if isinstance(node, exp.Cast) and node.to.this == exp.DataType.Type.DECIMAL:
            digits = [int(one.name) for one in node.to.expressions]
            return (digits[0], digits[1]) if len(digits) == 2 else (digits[0] if digits else 10, 0)
        text = node.sql(dialect="duckdb")
        if text not in self._known:
            query = self._from.copy()
            query.set("expressions", [exp.alias_(node.copy(), "asked")])
            said = self._ask(query)
            decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", said or "")
            self._known[text] = (int(decimal[1]), int(decimal[2])) if decimal else said
        return self._known[text]

    def operand(self, node: exp.Expr) -> Digits | None:
        """What it counts as beside a decimal; a literal has as many digits as it is written with."""
        inner = node
        while isinstance(inner, (exp.Neg, exp.Paren)):
            inner = inner.this
        if isinstance(inner, exp.Literal):
            return None if inner.is_string else of_literal(inner.name)
        kind = self.kind(node)
        return _WHOLE.get(kind) if isinstance(kind, str) else kind

    def operator(self, node: exp.Binary) -> None:
        sides = [node.this, node.expression]
        decimal = any(isinstance(self.kind(side), tuple) for side in sides)
        left, right = (self.operand(side) for side in sides)
        if left is None or right is None or not (decimal or isinstance(node, exp.IntDiv)):
            return
        if isinstance(node, exp.IntDiv):
            parts = [_unscaled(node.this.copy(), left, right[1]), _unscaled(node.expression.copy(), right, left[1])]
            node.replace(exp.cast(exp.Anonymous(this="spark_quotient", expressions=parts), "BIGINT"))
            return
        digits = of_operator(type(node), left, right)
        if isinstance(node, exp.Div):
            power = digits[1] + 1 - left[1] + right[1]
            dividend = _unscaled(node.this.copy(), left, power)
            node.replace(_quotient(dividend, _unscaled(node.expression.copy(), right, -power), digits))
            return
        if isinstance(node, exp.Mul):
            left = max(left[0], digits[0]), left[1]  # the engine multiplies in the width of the wider one
        made = type(node)(this=_cast(node.this.copy(), left), expression=_cast(node.expression.copy(), right))
        node.replace(_cast(made, digits))

    def aggregate(self, node: exp.Sum | exp.Avg) -> None:
        kind = self.kind(node.this)
        if not isinstance(kind, tuple):
            return
        outer: exp.Expr = node
        while isinstance(outer.parent, _AROUND) and outer.parent.this is outer:
            outer = outer.parent
        if isinstance(node, exp.Sum):
            outer.replace(_cast(outer.copy(), bounded(kind[0] + 10, kind[1])))
            return
        digits = bounded(kind[0] + 4, kind[1] + 4)
        total, count = (self._instead(outer, node, by(this=node.this.copy())) for by in (exp.Sum, exp.Count))
        dividend = _unscaled(total, (MOST, kind[1]), digits[1] + 1 - kind[1])
        outer.replace(_quotient(dividend, _hugeint(count), digits))

    @staticmethod
    def _instead(outer: exp.Expr, node: exp.Expr, other: exp.Expr) -> exp.Expr:
        """The aggregate with what is around it, and another function in the middle."""
        if outer is node:
            return other
        made = outer.copy()
        inner = made
        while isinstance(inner, _AROUND):
            inner = inner.this
        inner.replace(other)
        return made

    def rounded(self, node: exp.Round | exp.Ceil | exp.Floor) -> None:
        kind, wanted = self.kind(node.this), node.args.get("decimals")
        places = int(wanted.to_py()) if wanted is not None and wanted.is_int else 0
        if not isinstance(kind, tuple) or (wanted is not None and not wanted.is_int):
            return
        precision, scale = kind
        whole = precision - scale + 1
        kept = min(scale, places)
        digits = (max(whole, 1 - places), 0) if places < 0 else (whole + kept, kept)
        node.replace(_cast(node.copy(), bounded(*digits)))
