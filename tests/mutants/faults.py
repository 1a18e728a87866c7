# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small faults, put into a file one at a time: each is what a slip of the hand leaves, and a test should see it."""

from __future__ import annotations

import ast
import copy
import typing as t
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
# Conditions of these forms have faults of their own, of which one says more than the opposite of the whole.
_WITH_FAULTS_OF_THEIR_OWN = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.Constant)

Place = tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Mutant:
    """One fault.

    :ivar line: number of the line where it is, from 1
    :ivar at: the line as it stands in the file, without the blanks around it; how a person finds it again
    :ivar was: what was there, as Python writes it
    :ivar becomes: what is there instead
    :ivar within: the function that it is in, and its classes; empty outside of functions
    :ivar scope: the outermost function's line; None where code runs once, at the import
    """

    line: int
    at: str
    was: str
    becomes: str
    within: str
    scope: int | None
    place: Place
    number: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        """By what it is known in the table of survivors: not by its line's number, which any other change moves."""
        return self.within, self.at, self.was, self.becomes

    def planted(self, source: str) -> ast.Module:
        """The file's tree with the fault in it."""
        tree = ast.parse(source)
        parent: t.Any = tree
        for field, index in self.place[:-1]:
            parent = _child(parent, field, index)
        field, index = self.place[-1]
        fault = _faults(_child(parent, field, index))[self.number]
        if index is None:
            setattr(parent, field, fault)
        else:
            getattr(parent, field)[index] = fault
        return ast.fix_missing_locations(tree)


def mutants(source: str) -> list[Mutant]:
    """Every fault that can be put into a file."""
    lines = source.splitlines()
    return list(_within(ast.parse(source), (), lines, "", None))


def _within(node: ast.AST, place: Place, lines: list[str], name: str, scope: int | None) -> t.Iterator[Mutant]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        name = f"{name}.{node.name}" if name else node.name
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        scope = min([node.lineno, *(one.lineno for one in node.decorator_list)]) if scope is None else scope
    for field, value in ast.iter_fields(node):
        # Neither types nor what a decorator is given do anything while a function runs.
        if field in ("annotation", "returns", "decorator_list", "bases", "keywords", "type_comment") and not isinstance(
            node, ast.Call
        ):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST):
                continue
            here = (*place, (field, index))
            outside = isinstance(node, ast.arguments) and field in ("defaults", "kw_defaults")
            inside = None if outside else scope
            for number, fault in enumerate(_faults(child)):
                line = t.cast(int, child.lineno)  # type: ignore[attr-defined]
                was, becomes = (ast.unparse(one).partition("\n")[0] for one in (child, fault))
                yield Mutant(line, lines[line - 1].strip(), was, becomes, name, inside, here, number)
            yield from _within(child, here, lines, name, inside)


def _child(parent: t.Any, field: str, index: int | None) -> t.Any:
    value = getattr(parent, field)
    return value if index is None else value[index]


def _faults(node: ast.AST) -> list[ast.AST]:
    return [ast.copy_location(fault, node) for fault in _made(node)]


def _made(node: ast.AST) -> t.Iterator[ast.AST]:
    if isinstance(node, ast.Compare):
        for number, operator in enumerate(node.ops):
            fault = copy.deepcopy(node)
            fault.ops[number] = _COMPARISONS[type(operator)]()
            yield fault
    elif isinstance(node, ast.BoolOp):
        # Without one of its parts: each of them has to count.
        for number in range(len(node.values)):
            left = node.values[:number] + node.values[number + 1 :]
            yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, (ast.If, ast.While, ast.IfExp)) and not isinstance(node.test, _WITH_FAULTS_OF_THEIR_OWN):
        fault = copy.deepcopy(node)
        fault.test = ast.UnaryOp(ast.Not(), node.test)
        yield fault
    elif isinstance(node, ast.Return) and node.value is not None and not _says_enough(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, (ast.Raise, ast.Continue, ast.AugAssign)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ):
        yield ast.Pass()


def _says_enough(node: ast.expr) -> bool:
    # None in place of None is no fault, and True and False have faults of their own.
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))
