"""The Bot API's methods that the product uses: their documented parameters and limits, and nothing else.

After https://core.telegram.org/bots/api (version 9). An undocumented parameter is an error here, so that one that
a newer library adds, or that we misspell, is met by a test.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from tests.fakes.telegram.markup import Refused, utf16, visible

Params = dict[str, Any]
Check = Callable[[Any], object]
_COMMON = {
    "business_connection_id": str, "message_thread_id": int, "disable_notification": bool,
    "protect_content": bool, "allow_paid_broadcast": bool, "message_effect_id": str,
    "reply_parameters": dict,
}  # fmt: skip
_INLINE = {"text", "url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text", "pay"}
_KEY = {
    "text",
    "request_users",
    "request_chat",
    "request_contact",
    "request_location",
    "request_poll",
    "web_app",
}
UPDATES = {
    "message", "edited_message", "channel_post", "edited_channel_post", "callback_query", "my_chat_member",
    "chat_member", "inline_query", "poll", "poll_answer", "chat_join_request", "message_reaction",
}  # fmt: skip

METHODS: dict[str, dict[str, Any]] = {
    "getMe": {},
    "getUpdates": {"offset": int, "limit": int, "timeout": int, "allowed_updates": list},
    "setWebhook": {
        "url": str, "certificate": object, "ip_address": str, "max_connections": int,
        "allowed_updates": list, "drop_pending_updates": bool, "secret_token": str,
    },
    "deleteWebhook": {"drop_pending_updates": bool},
    "setMyCommands": {"commands": list, "scope": dict, "language_code": str},
    "sendMessage": {
        **_COMMON, "chat_id": int, "text": str, "parse_mode": str, "entities": list,
        "link_preview_options": dict, "reply_markup": dict,
    },
    "sendPhoto": {
        **_COMMON, "chat_id": int, "photo": object, "caption": str, "parse_mode": str,
        "caption_entities": list, "show_caption_above_media": bool, "has_spoiler": bool, "reply_markup": dict,
    },
    "sendChatAction": {"business_connection_id": str, "chat_id": int, "message_thread_id": int, "action": str},
    "answerCallbackQuery": {
        "callback_query_id": str, "text": str, "show_alert": bool, "url": str, "cache_time": int,
    },
    "editMessageText": {
        "business_connection_id": str, "chat_id": int, "message_id": int, "inline_message_id": str,
        "text": str, "parse_mode": str, "entities": list, "link_preview_options": dict, "reply_markup": dict,
    },
    "editMessageMedia": {
        "business_connection_id": str, "chat_id": int, "message_id": int, "inline_message_id": str,
        "media": dict, "reply_markup": dict,
    },
    "leaveChat": {"chat_id": int},
}  # fmt: skip
REQUIRED = {
    "sendMessage": ("chat_id", "text"), "sendPhoto": ("chat_id", "photo"),
    "sendChatAction": ("chat_id", "action"), "answerCallbackQuery": ("callback_query_id",),
    "editMessageText": ("text",), "editMessageMedia": ("media",), "leaveChat": ("chat_id",),
    "setWebhook": ("url",), "setMyCommands": ("commands",),
}  # fmt: skip


def parsed(method: str, given: dict[str, Any]) -> Params:
    """The parameters by their documented types. Raises Refused as Telegram words it."""
    known = METHODS.get(method)
    if known is None:
        raise Refused(404, "Not Found")
    files = {name: value for name, value in given.items() if not isinstance(value, str)}
    used = {value.removeprefix("attach://") for value in re.findall(r"attach://[\w-]+", str(given))}
    params: Params = {}
    for name, value in given.items():
        if name in used:
            continue
        if name not in known:
            raise Refused(400, f"Bad Request: undocumented parameter {name}")
        params[name] = value if name in files else _typed(name, value, known[name])
    for name in REQUIRED.get(method, ()):
        if name not in params:
            raise Refused(400, f"Bad Request: {name} is missing")
    _check(method, params)
    return params


def _typed(name: str, text: str, kind: Any) -> Any:
    if kind in (str, object):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        raise Refused(400, f"Bad Request: can't parse {name}") from None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Refused(400, f"Bad Request: {name} has another type")
    return value


def _check(method: str, params: Params) -> None:
    mode = params.get("parse_mode")
    if "text" in params and method in ("sendMessage", "editMessageText"):
        length = utf16(visible(params["text"], mode))
        _limit(1 <= length <= 4096, "message is too long" if length else "message text is empty")
    if "caption" in params:
        _limit(utf16(visible(params["caption"], mode)) <= 1024, "message caption is too long")
    if method == "answerCallbackQuery":
        _limit(len(params.get("text", "")) <= 200, "MESSAGE_TOO_LONG")
    if "media" in params:
        _media(params["media"])
    if "reply_markup" in params:
        _markup(params["reply_markup"])
    for kind in params.get("allowed_updates", ()):
        _limit(kind in UPDATES, f"unknown update type {kind}")
    if method == "setWebhook":
        secret = params.get("secret_token", "")
        _limit(bool(re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret)), "secret token has characters")
        _limit(params["url"].startswith("https://"), "bad webhook: An HTTPS URL must be provided for webhook")
    if method == "setMyCommands":
        for command in params["commands"]:
            _limit(set(command) == {"command", "description"}, "undocumented field of a command")
            _limit(bool(re.fullmatch(r"[a-z0-9_]{1,32}", command["command"])), "BOT_COMMAND_INVALID")
            _limit(1 <= len(command["description"]) <= 256, "BOT_COMMAND_DESCRIPTION_INVALID")
    if method == "sendChatAction":
        _limit(params["action"] in ("typing", "upload_photo"), "wrong parameter action in request")


def _media(media: dict[str, Any]) -> None:
    unknown = set(media) - {"type", "media", "caption", "parse_mode", "caption_entities", "has_spoiler",
                            "show_caption_above_media"}  # fmt: skip
    _limit(not unknown, f"undocumented field of media: {unknown}")
    caption = visible(media.get("caption", ""), media.get("parse_mode"))
    _limit(utf16(caption) <= 1024, "message caption is too long")


def _markup(markup: dict[str, Any]) -> None:
    if "inline_keyboard" in markup:
        _limit(set(markup) == {"inline_keyboard"}, "undocumented field of an inline keyboard")
        buttons = [button for row in markup["inline_keyboard"] for button in row]
        _limit(len(buttons) <= 100, "reply markup is too long")
        for button in buttons:
            _limit(not set(button) - _INLINE, f"undocumented field of a button: {set(button) - _INLINE}")
            _limit(bool(button.get("text")), "text buttons are unallowed in the inline keyboard")
            data = button.get("callback_data", "").encode()
            _limit(1 <= len(data) <= 64, "BUTTON_DATA_INVALID")
    elif "keyboard" in markup:
        allowed = {"keyboard", "is_persistent", "resize_keyboard", "one_time_keyboard", "selective",
                   "input_field_placeholder"}  # fmt: skip
        _limit(not set(markup) - allowed, "undocumented field of a keyboard")
        for row in markup["keyboard"]:
            for key in row:
                _limit(isinstance(key, dict) and not set(key) - _KEY, "undocumented field of a key")
                _limit(bool(key.get("text")), "a key without text")
    else:
        _limit(set(markup) <= {"remove_keyboard", "selective"}, f"undocumented markup {sorted(markup)}")


def _limit(holds: bool, refusal: str) -> None:
    if not holds:
        raise Refused(400, f"Bad Request: {refusal}")
