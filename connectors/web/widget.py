"""The chat widget as the one file that a shop's script tag loads.

The sources under `static/widget/` are standard modules, small and type-checked. Served one by one they would cost
two dozen requests, need CORS, and rule out a pinned hash (`integrity`). So they are joined when the server starts:
each module becomes a function scope that returns what it exports, in the order in which they need each other, and a
style sheet becomes its text. That needs no toolchain, and nothing generated lies in the repository. See ADR 0050.
"""

import base64
import functools
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent / "static" / "widget"
ENTRY = "main.js"

_IMPORT = re.compile(r'^import (?P<names>\{[^}]*\}|\w+) from "\./(?P<file>[\w.-]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (?P<name>\w+))", re.MULTILINE)
_NOTHING = re.compile(r"^export \{\};$", re.MULTILINE)
_DOC = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_LEFT_OVER = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class WidgetSourceError(Exception):
    """A module uses an import or export that the joiner doesn't know, or two modules import each other."""


@dataclass(frozen=True, slots=True)
class WidgetScript:
    """What `GET /widget.js` answers: the script and its hash, as a validator and for `integrity`.

    `gzipped` is the script compressed once, a quarter of its size. The validator is weak, since both are the same.
    """

    text: str
    gzipped: bytes
    etag: str
    integrity: str


@functools.lru_cache(maxsize=1)
def widget_script(folder: Path = SOURCES) -> WidgetScript:
    """Joins the modules; the result is kept, so a changed source shows after a restart.

    Raises:
        WidgetSourceError: naming the module and the line that can't be joined.
    """
    text = join_modules(folder, ENTRY)
    digest = hashlib.sha384(text.encode()).digest()
    return WidgetScript(
        text=text,
        gzipped=gzip.compress(text.encode(), mtime=0),
        etag=f'W/"{digest.hex()[:32]}"',
        integrity=f"sha384-{base64.b64encode(digest).decode()}",
    )


def join_modules(folder: Path, entry: str) -> str:
    """Returns `entry` and everything it imports as one classic script."""
    joined: dict[str, str] = {}
    _add(folder, entry, joined, ())
    body = "\n".join(joined.values())
    return f'/*! Parley chat widget. Apache-2.0. */\n(() => {{\n"use strict";\n{body}\n}})();\n'


def _add(folder: Path, name: str, joined: dict[str, str], ancestors: tuple[str, ...]) -> None:
    if name in joined:
        return
    if name in ancestors:
        raise WidgetSourceError(
            f"{name} imports itself by way of {' → '.join(ancestors)}; move what both need."
        )
    source = (folder / name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        joined[name] = f"const {_scope(name)} = {json.dumps(_squeeze(source), ensure_ascii=False)};"
        return
    for match in _IMPORT.finditer(source):
        _add(folder, match["file"], joined, (*ancestors, name))
    joined[name] = _as_scope(name, source)


def _as_scope(name: str, source: str) -> str:
    exported = [match["name"] for match in _EXPORT.finditer(source)]
    source = _IMPORT.sub(lambda match: f"const {match['names']} = {_scope(match['file'])};", source)
    source = _DOC.sub("", _NOTHING.sub("", _EXPORT.sub("", source)))
    if left_over := _LEFT_OVER.search(source):
        raise WidgetSourceError(
            f"{name}: {left_over[0]!r} can't be joined; write 'import {{ a }} from \"./b.js\";' on one line "
            "and export declarations only."
        )
    return f"const {_scope(name)} = (() => {{\n{source.strip()}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _scope(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name)


def _squeeze(css: str) -> str:
    without_comments = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s+", " ", without_comments).strip()
