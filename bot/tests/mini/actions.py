"""An action server of the mini bot: real HTTP, its answers written out by hand.

    python -m tests.mini.actions <port>

It speaks what rasa-sdk speaks, and keeps a list of the calls it got (GET /calls), so that a test can count them.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from aiohttp import web

calls: list[dict[str, Any]] = []
broken_left = [0]


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value}


def validate_order_form(tracker: dict[str, Any]) -> dict[str, Any]:
    """Takes a size or a colour from the text; anything else is no answer, so the form rejects."""
    text = (tracker["latest_message"] or {}).get("text", "").lower()
    wanted = tracker["slots"].get("requested_slot")
    if tracker["active_loop"].get("is_interrupted"):
        return {"events": []}
    if wanted == "size" and text in ("small", "medium", "large"):
        return {"events": [slot("size", text)]}
    if wanted == "colour" and text in ("red", "blue"):
        return {"events": [slot("colour", text)]}
    return {"events": []}


async def webhook(request: web.Request) -> web.Response:
    body = await request.json()
    calls.append(body)
    name, tracker = body["next_action"], body["tracker"]
    if name == "validate_order_form":
        return web.json_response(validate_order_form(tracker))
    if name == "action_submit":
        slots = tracker["slots"]
        text = f"A {slots['size']} {slots['colour']} shirt."
        return web.json_response(
            {"events": [slot("size", None), slot("colour", None)], "responses": [{"text": text}]}
        )
    if name == "action_count":
        count = (tracker["slots"].get("turns") or 0) + 1
        custom = {"cards": [{"sku": "LAP-0001"}]}
        return web.json_response(
            {"events": [slot("turns", count)], "responses": [{"text": f"{count}", "custom": custom}]}
        )
    if name == "action_slow":
        await asyncio.sleep(3)
        return web.json_response({"events": [], "responses": [{"text": "done"}]})
    if name == "action_broken" and broken_left[0] > 0:
        broken_left[0] -= 1
        return web.json_response({"error": "the customer wrote: secret"}, status=500)
    if name == "action_stop":
        return web.json_response(
            {
                "events": [{"event": "active_loop", "name": None}, slot("requested_slot", None)],
                "responses": [{"text": "Stopped."}],
            }
        )
    return web.json_response({"events": [], "responses": [{"text": name}]})


async def show_calls(_: web.Request) -> web.Response:
    return web.json_response([body["next_action"] for body in calls])


async def last_call(_: web.Request) -> web.Response:
    return web.json_response(calls[-1] if calls else None)


async def break_next(request: web.Request) -> web.Response:
    broken_left[0] = int(request.match_info["times"])
    return web.Response()


def main() -> None:
    app = web.Application()
    app.add_routes(
        [
            web.post("/webhook", webhook),
            web.get("/calls", show_calls),
            web.get("/last", last_call),
            web.post("/break/{times}", break_next),
        ]
    )
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)


if __name__ == "__main__":
    main()
