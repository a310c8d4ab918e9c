"""Starts the bot: Rasa with Parley's overrides, on loopback, with one route in.

    PARLEY_BOT_TOKEN=… python serve.py [--port 5005] [--model …] [--endpoints …] [--credentials …]

Environment: PARLEY_BOT_TOKEN (needed), PARLEY_BOT_PORT, PARLEY_ACTIONS_URL, PARLEY_TRACKER_URL, PARLEY_ARTIFACTS,
PARLEY_GAZETTEER, PARLEY_BOT_LOG (a level, WARNING by default; message texts are in no level above DEBUG).
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

from components import logs
from components.large_pages import use_large_pages
from components.lean import leave_out_tensorflow

HERE = Path(__file__).resolve().parent
DEFAULTS = {
    "PARLEY_ACTIONS_URL": "http://127.0.0.1:5055",
    "PARLEY_TRACKER_URL": f"sqlite:///{HERE.parent / 'var' / 'bot.db'}",
    "RASA_TELEMETRY_ENABLED": "false",
    "SANIC_ACCESS_LOG": "false",
    "HF_HUB_OFFLINE": "1",
    # A turn multiplies one vector: threads would spin on the other core for it.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def main(arguments: list[str] | None = None) -> None:
    """Serves until it is told to stop; exits with 1 and one line when the model can't be loaded."""
    options = _options(arguments)
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    os.chdir(HERE)
    sys.path[:0] = [] if str(HERE) in sys.path else [str(HERE)]
    if not options.model.exists():
        sys.exit(f"There is no trained bot at {options.model}: run `make train`.")
    # Another thread reads the message meanwhile (`components.artifacts.begin_reading`); it may not wait for its turn as
    # long as the whole reading takes.
    sys.setswitchinterval(0.0005)
    leave_out_tensorflow()
    warnings.simplefilter("ignore")
    logs.configure(os.environ.get("PARLEY_BOT_LOG", "WARNING").upper())

    import rasa.core.run
    from rasa.core.utils import AvailableEndpoints
    from rasa.shared.exceptions import RasaException

    from components import overrides

    overrides.apply()
    rasa.core.run.load_agent_on_start = _load
    try:
        rasa.core.run.serve_application(
            model_path=str(options.model),
            interface="127.0.0.1",
            port=options.port,
            credentials=str(options.credentials),
            endpoints=AvailableEndpoints.read_endpoints(str(options.endpoints)),
            enable_api=False,
        )
    except RasaException as error:
        sys.exit(f"The bot can't start: {error}")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    artifacts = Path(os.environ.get("PARLEY_ARTIFACTS") or HERE.parent / "models" / "artifacts")
    parser = argparse.ArgumentParser(description="Starts the bot.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PARLEY_BOT_PORT", "5005")))
    parser.add_argument(
        "--model", type=lambda p: Path(p).resolve(), default=artifacts / "rasa" / "bot.tar.gz"
    )
    parser.add_argument("--endpoints", type=lambda p: Path(p).resolve(), default=HERE / "endpoints.yml")
    parser.add_argument("--credentials", type=lambda p: Path(p).resolve(), default=HERE / "credentials.yml")
    return parser.parse_args(arguments)


async def _load(model_path: str, endpoints: Any, remote_storage: str | None, app: Any, loop: Any) -> Any:
    """Loads the model, warms it up, and takes what was loaded out of the garbage collector's sight."""
    from rasa.core.agent import load_agent

    from components import overrides

    agent = await load_agent(model_path=model_path, endpoints=endpoints, loop=loop)
    if not agent.is_ready():
        logging.getLogger(__name__).critical("the model %s can't be loaded, see above", model_path)
        app.stop()
        os._exit(1)
    await agent.parse_message("hello")
    overrides.settle()
    app.ctx.agent = agent
    return agent


if __name__ == "__main__":
    use_large_pages()
    main()
