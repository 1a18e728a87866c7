# SPDX-FileCopyrightText: 2026 lakeops contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
#
# Private to this collection: it may change or vanish in any release.
"""Values of a role's variables as people and tools give them: text where a number, a list or a mapping is meant."""

from __future__ import annotations

import ast
import json
import re
import typing as t

from .._common import user_input
from .._common.failure import BadOption
from .._common.json_types import Json

_TRUE = frozenset({"yes", "true", "on", "1", "y", "t"})
_FALSE = frozenset({"no", "false", "off", "0", "n", "f"})
_SEPARATORS = re.compile(r"[,;\n]")


def is_blank(value: t.Any) -> bool:
    """Whether nothing was said: not given, null, or the blank answer of a survey."""
    return value is None or (isinstance(value, str) and not user_input.trimmed(value))


def text(option: str, value: t.Any) -> str:
    """One line of text, without blanks, line breaks, quotes or backticks around it.

    :raises BadOption: it is no text, or holds a character that cannot be meant
    """
    if isinstance(value, bool):
        raise BadOption(option, f"is {str(value).lower()}, which is no name. Put the name in quotes.")
    if isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise BadOption(option, f"is {_kind(value)}. Give one text.")
    found = user_input.bare(value)
    wrong = user_input.odd(found)
    if wrong:
        what = "a line break" if wrong in ("U+000A", "U+000D") else f"the character {wrong}"
        raise BadOption(option, f"holds {what}. Type the value again, on one line.")
    if not found:
        raise BadOption(option, "is empty. Give a value or leave it out.")
    return found


def choice(option: str, value: t.Any, choices: t.Sequence[str], aliases: t.Mapping[str, str] | None = None) -> str:
    """One of a few words, whatever its case, with blanks or hyphens for underscores.

    :raises BadOption: another word; the message lists those there are
    """
    given = text(option, value)
    word = re.sub(r"[\s-]+", "_", given.lower())
    word = (aliases or {}).get(word, word)
    if word not in choices:
        raise BadOption(option, f"is {given!r}. Give {_either(choices)}.")
    return word


def truth(option: str, value: t.Any) -> bool:
    """Yes or no, in any of Ansible's spellings.

    :raises BadOption: neither
    """
    if isinstance(value, bool):
        return value
    word = user_input.bare(value).lower() if isinstance(value, str) else str(value)
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise BadOption(option, f"is {value!r}. Give true or false.")


def number(option: str, value: t.Any, least: int, most: int | None = None, unit: str = "days") -> int:
    """A whole number.

    :raises BadOption: no whole number, or out of its range
    """
    limits = f"{least} to {most}" if most is not None else f"{least} or more"
    given = user_input.bare(value) if isinstance(value, str) else value
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    if isinstance(given, str) and re.fullmatch(r"[+-]?[0-9]{1,9}", given):
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise BadOption(option, f"is {_brief(value)}, not a whole number. Give {limits} {unit}.")
    if given < least or (most is not None and given > most):
        raise BadOption(option, f"is {given}. Give {limits} {unit}.")
    return given


def listing(option: str, value: t.Any) -> list[str]:
    """A list of texts, also given as JSON, as YAML, or as words between commas; nothing twice.

    :raises BadOption: something else
    """
    if isinstance(value, str):
        bare = user_input.bare(value)
        value = structure(bare) if bare.startswith("[") else None
        if value is None:
            if bare.startswith(("[", "{")):
                raise BadOption(option, "is a text that cannot be read as a list. Give it like a,b or [a, b].")
            value = [part for part in _SEPARATORS.split(bare) if not is_blank(part)]
    if isinstance(value, (set, frozenset)):
        value = sorted(value)
    if not isinstance(value, (list, tuple)):
        raise BadOption(option, f"is {_kind(value)}, not a list. Give it like [a, b].")
    return list(dict.fromkeys(text(option, one) for one in value if not is_blank(one)))


def some_of(option: str, value: t.Any, choices: t.Sequence[str]) -> list[str]:
    """Some of a few words, in any of the ways of a list; the word none, and an empty list, for none of them.

    :raises BadOption: another word
    """
    words = [word.lower() for word in listing(option, value)]
    if words == ["none"]:
        return []
    for word in words:
        if word not in choices:
            listed = f"{', '.join(choices[:-1])} and {choices[-1]}"
            raise BadOption(option, f"is {word!r}. Give a list of {listed}, or none.")
    return words


def mapping(option: str, value: t.Any, example: str) -> Json:
    """A mapping, also given as JSON or YAML text.

    :raises BadOption: something else; its text is not quoted, for it may hold a secret
    """
    if isinstance(value, str):
        value = structure(user_input.trimmed(value))
        if value is None:
            raise BadOption(option, f"is a text that cannot be read as a mapping. Give it like {example}.")
    if not isinstance(value, t.Mapping):
        raise BadOption(option, f"is {_kind(value)}, not a mapping. Give it like {example}.")
    return {user_input.trimmed(str(key)): one for key, one in value.items()}


def structure(source: str) -> t.Any:
    """The list or mapping that a text spells in JSON, YAML or Python; None if it spells none."""
    while len(source) > 1 and source[0] == source[-1] and source[0] in "'\"":
        source = user_input.trimmed(source[1:-1])
    for read in (json.loads, _yaml, ast.literal_eval):
        try:
            found = read(source)
        except Exception:  # noqa: BLE001
            # Each of the readers has errors of its own, and deep nesting one more; the next reader may know better.
            continue
        if isinstance(found, (dict, list)):
            return found
    return None


def _yaml(source: str) -> t.Any:
    # Every ansible-core brings it; nothing else here needs it.
    import yaml

    return yaml.safe_load(source)


def _kind(value: t.Any) -> str:
    kinds = ((bool, "true or false"), (t.Mapping, "a mapping"), ((list, tuple, set), "a list"), (str, "a text"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "a number")


def _brief(value: t.Any) -> str:
    return repr(value) if isinstance(value, (str, int, float)) and len(str(value)) < 40 else _kind(value)


def _either(choices: t.Sequence[str]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


_KEPT = re.compile(r"(?P<number>[0-9]+)\s*(?P<unit>runs?|days?|d)?", re.IGNORECASE)


def kept(value: t.Any) -> tuple[int | None, int | None]:
    """How many runs, or for how many days, reports are kept; both None for all of them.

    :raises ValueError: a sentence without the name of the option
    """
    text = str("" if value is None else value).strip()
    if text.lower() in ("", "all"):
        return None, None
    found = _KEPT.fullmatch(text)
    if isinstance(value, bool) or found is None or not 1 <= int(found["number"]) <= 100_000:
        raise ValueError(f"is {text!r}; give a number of runs such as 50, days such as 400 days, or all.")
    number = int(found["number"])
    return (None, number) if (found["unit"] or "").lower().startswith("d") else (number, None)
