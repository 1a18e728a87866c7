# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name of a column that nobody named: Spark prints its expression in its own way (measured with Spark 4.0.1)."""

from __future__ import annotations

from sqlglot import exp

_SIGNS: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.IntDiv: "div",
    exp.Mod: "%",
    exp.EQ: "=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.NullSafeEQ: "<=>",
    exp.And: "AND",
    exp.Or: "OR",
    exp.BitwiseAnd: "&",
    exp.BitwiseOr: "|",
    exp.BitwiseXor: "^",
}
# The ones that Spark prints in another case or by another name than the parser's.
_CALLS: dict[type[exp.Expr], str] = {
    exp.Ceil: "CEIL",
    exp.Floor: "FLOOR",
    exp.Sqrt: "SQRT",
    exp.Pow: "POWER",
    exp.Exp: "EXP",
    exp.Concat: "concat",
    exp.DPipe: "concat",
    exp.Coalesce: "coalesce",
    exp.Array: "array",
    exp.CurrentUser: "current_user",
    exp.CurrentCatalog: "current_catalog",
    exp.CurrentSchema: "current_schema",
    exp.CurrentDate: "current_date",
    exp.CurrentTimestamp: "current_timestamp",
}


def name_all(tree: exp.Expr) -> None:
    """Give every column of every SELECT in the tree the name that it has in Spark."""
    for select in list(tree.find_all(exp.Select)):
        named = []
        for one in select.expressions:
            if isinstance(one, (exp.Alias, exp.Star, exp.Aliases)) or one.is_star or isinstance(one, exp.Explode):
                named.append(one)
            elif isinstance(one, exp.Column):
                named.append(exp.alias_(one, one.name, quoted=True))
            else:
                named.append(exp.alias_(one, printed(one), quoted=True))
        select.set("expressions", named)


def printed(node: exp.Expr) -> str:
    kind = type(node)
    if kind in _SIGNS:
        return f"({printed(node.this)} {_SIGNS[kind]} {printed(node.expression)})"
    if isinstance(node, exp.Literal):
        return str(node.this)
    simple = {exp.Null: "NULL", exp.Subquery: "scalarsubquery()", exp.Exists: "exists()"}
    if kind in simple:
        return simple[kind]
    if isinstance(node, exp.Boolean):
        return "true" if node.this else "false"
    if isinstance(node, exp.Column):
        return node.name
    if isinstance(node, exp.Paren):
        return printed(node.this)
    if isinstance(node, exp.Alias):
        return f"{printed(node.this)} AS {node.alias}"
    if isinstance(node, exp.Star):
        return "1"
    return _special(node) or _call(node)


def _special(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Neg):
        inner = printed(node.this)
        return f"-{inner}" if isinstance(node.this, exp.Literal) else f"(- {inner})"
    if isinstance(node, exp.NEQ):
        return f"(NOT ({printed(node.this)} = {printed(node.expression)}))"
    if isinstance(node, exp.Not):
        if isinstance(node.this, exp.Is):
            return f"({printed(node.this.this)} IS NOT {printed(node.this.expression)})"
        return f"(NOT {printed(node.this)})"
    if isinstance(node, exp.Is):
        return f"({printed(node.this)} IS {printed(node.expression)})"
    if isinstance(node, exp.Between):
        return f"between({printed(node.this)}, {printed(node.args['low'])}, {printed(node.args['high'])})"
    if isinstance(node, exp.In):
        return f"({printed(node.this)} IN ({', '.join(printed(one) for one in node.expressions)}))"
    if isinstance(node, exp.Like):
        return f"{printed(node.this)} LIKE {printed(node.expression)}"
    if isinstance(node, (exp.Cast, exp.TryCast)):
        return _cast(node)
    if isinstance(node, exp.Case):
        return _case(node)
    if isinstance(node, exp.If):
        parts = [node.this, node.args.get("true"), node.args.get("false")]
        return f"(IF({', '.join(printed(part) if part else 'NULL' for part in parts)}))"
    if isinstance(node, exp.Count) and isinstance(node.this, exp.Distinct):
        return f"count(DISTINCT {', '.join(printed(one) for one in node.this.expressions)})"
    return None


def _cast(node: exp.Cast) -> str:
    kind = node.to.sql(dialect="databricks").replace(", ", ",")
    inner = node.this
    if kind in ("DATE", "TIMESTAMP") and isinstance(inner, exp.Literal):
        return f"CAST({inner.this} AS {kind})"
    if isinstance(inner, exp.Column):
        return inner.name
    if isinstance(inner, exp.Literal) and node.meta.get("literal"):
        return str(inner.this)
    return f"{'TRY_CAST' if isinstance(node, exp.TryCast) else 'CAST'}({printed(inner)} AS {kind})"


def _case(node: exp.Case) -> str:
    operand = f"({printed(node.this)} = " if node.this else ""
    shown = ["CASE"]
    for one in node.args["ifs"]:
        condition = f"{operand}{printed(one.this)})" if operand else printed(one.this)
        shown.append(f"WHEN {condition} THEN {printed(one.args['true'])}")
    if node.args.get("default"):
        shown.append(f"ELSE {printed(node.args['default'])}")
    return " ".join([*shown, "END"])


def _call(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        name, arguments = str(node.name).lower(), node.expressions
    elif isinstance(node, exp.Func):
        name = _CALLS.get(type(node)) or node.sql_name().lower()
        arguments = [
            one
            for value in node.args.values()
            for one in (value if isinstance(value, list) else [value])
            if isinstance(one, exp.Expr)
        ]
    else:
        return node.sql(dialect="databricks")
    return f"{name}({', '.join(printed(one) for one in arguments)})"
