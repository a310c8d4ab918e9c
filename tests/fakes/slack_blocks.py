"""What Slack takes, as its reference documents it: fields, types and limits. Anything else is refused with a reason.

https://docs.slack.dev/reference/block-kit/blocks, …/block-elements, …/composition-objects, …/surfaces.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlparse

Json = dict[str, Any]


class Refused(Exception):
    """Slack's own word for it, and where it is."""

    def __init__(self, error: str, where: str) -> None:
        super().__init__(f"{error}: {where}")
        self.error, self.where = error, where


def check(condition: bool, where: str, error: str = "invalid_blocks") -> None:
    if not condition:
        raise Refused(error, where)


def fields(one: Any, where: str, required: str, optional: str = "") -> None:
    check(isinstance(one, dict), f"{where} is no object")
    known = {*required.split(), *optional.split()}
    check(set(one) <= known, f"{where}: undocumented {sorted(set(one) - known)}")
    check(set(required.split()) <= set(one), f"{where}: lacks {sorted(set(required.split()) - set(one))}")


def text(one: Any, where: str, limit: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> None:
    fields(one, where, "type text", "emoji verbatim")
    check(one["type"] in kinds, f"{where}: {one['type']} isn't allowed here")
    check("emoji" not in one or one["type"] == "plain_text", f"{where}: emoji is for plain_text")
    check(
        isinstance(one["text"], str) and 1 <= len(one["text"]) <= limit, f"{where}: 1 to {limit} characters"
    )
    if one["type"] == "mrkdwn":
        check("<!" not in one["text"], f"{where}: it would call everybody")


def plain(one: Any, where: str, limit: int) -> None:
    text(one, where, limit, ("plain_text",))


def short(one: Any, where: str, limit: int) -> None:
    check(isinstance(one, str) and 1 <= len(one) <= limit, f"{where}: 1 to {limit} characters")


def button(one: Json, where: str) -> None:
    fields(one, where, "type text action_id", "url value style confirm accessibility_label")
    plain(one["text"], f"{where}.text", 75)
    short(one["action_id"], f"{where}.action_id", 255)
    if "value" in one:
        short(one["value"], f"{where}.value", 2000)
    check(one.get("style", "primary") in ("primary", "danger"), f"{where}.style")


def image_element(one: Json, where: str) -> None:
    fields(one, where, "type image_url alt_text")
    short(one["image_url"], f"{where}.image_url", 3000)
    check(urlparse(one["image_url"]).scheme == "https", f"{where}.image_url: Slack can't fetch it")
    short(one["alt_text"], f"{where}.alt_text", 2000)


def plain_text_input(one: Json, where: str) -> None:
    fields(
        one,
        where,
        "type action_id",
        "multiline max_length min_length initial_value placeholder focus_on_load dispatch_action_config",
    )
    check(1 <= one.get("max_length", 1) <= 3000, f"{where}.max_length")


ELEMENTS: Mapping[str, Callable[[Json, str], None]] = {
    "button": button,
    "image": image_element,
    "plain_text_input": plain_text_input,
}


def element(one: Any, where: str, kinds: tuple[str, ...]) -> None:
    check(isinstance(one, dict) and one.get("type") in kinds, f"{where}: one of {kinds}")
    ELEMENTS[one["type"]](one, where)


def section(one: Json, where: str) -> None:
    fields(one, where, "type text", "fields accessory block_id expand")
    text(one["text"], f"{where}.text", 3000)
    if "accessory" in one:
        element(one["accessory"], f"{where}.accessory", ("button", "image"))


def header(one: Json, where: str) -> None:
    fields(one, where, "type text", "block_id")
    plain(one["text"], f"{where}.text", 150)


def context(one: Json, where: str) -> None:
    fields(one, where, "type elements", "block_id")
    check(1 <= len(one["elements"]) <= 10, f"{where}: 1 to 10 elements")
    for number, part in enumerate(one["elements"]):
        if part.get("type") == "image":
            image_element(part, f"{where}.{number}")
        else:
            text(part, f"{where}.{number}", 3000)


def actions(one: Json, where: str) -> None:
    fields(one, where, "type elements", "block_id")
    check(1 <= len(one["elements"]) <= 25, f"{where}: 1 to 25 elements")
    for number, part in enumerate(one["elements"]):
        element(part, f"{where}.{number}", ("button",))
    ids = [part["action_id"] for part in one["elements"]]
    check(len(set(ids)) == len(ids), f"{where}: an action_id twice")


def input_block(one: Json, where: str) -> None:
    fields(one, where, "type label element", "block_id optional hint dispatch_action")
    plain(one["label"], f"{where}.label", 2000)
    element(one["element"], f"{where}.element", ("plain_text_input",))


BLOCKS: Mapping[str, Callable[[Json, str], None]] = {
    "section": section,
    "header": header,
    "context": context,
    "actions": actions,
    "divider": lambda one, where: fields(one, where, "type", "block_id"),
    "input": input_block,
}


def blocks(every: Any, *, limit: int = 50, inputs: bool = False) -> None:
    """Blocks of a message (at most 50) or a view (at most 100, also with inputs)."""
    check(isinstance(every, list) and 1 <= len(every) <= limit, f"1 to {limit} blocks")
    seen: list[str] = []
    for number, one in enumerate(every):
        kind = one.get("type") if isinstance(one, dict) else None
        check(kind in BLOCKS and (inputs or kind != "input"), f"{number}: no block {kind!r} here")
        BLOCKS[str(kind)](one, f"{number}.{kind}")
        if "block_id" in one:
            short(one["block_id"], f"{number}.block_id", 255)
            seen.append(one["block_id"])
    check(len(set(seen)) == len(seen), "a block_id twice")


def view(one: Any, *, kind: str) -> None:
    """A modal or a Home tab."""
    if kind == "home":
        fields(one, "view", "type blocks", "private_metadata callback_id external_id")
    else:
        fields(
            one,
            "view",
            "type title blocks",
            "close submit private_metadata callback_id clear_on_close notify_on_close external_id",
        )
        plain(one["title"], "view.title", 24)
        for name in ("close", "submit"):
            if name in one:
                plain(one[name], f"view.{name}", 24)
        has_input = any(part.get("type") == "input" for part in one["blocks"])
        check(not has_input or "submit" in one, "view: an input needs submit")
    check(one["type"] == kind, f"view.type: {kind}")
    check(len(one.get("private_metadata", "")) <= 3000, "view.private_metadata")
    blocks(one["blocks"], limit=100, inputs=kind == "modal")
