"""Runs the three processes under supervisord, which restarts what dies, and tells when all are ready.

supervisord writes `var/log/<process>.log` (rotated) and listens on a Unix socket in the state folder, by which
`parley status` and `parley stop` reach it. Why supervisord: docs/adr/0002.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from supervisor.xmlrpc import SupervisorTransport

from parley.errors import NotReady, ParleyError, PortTaken, SettingsError
from parley.settings import ROOT, Settings

SOCKET_LIMIT: Final = 100
READY_WITHIN: Final = 180.0


@dataclass(frozen=True)
class Process:
    """One supervised program. `health` answers 200 as soon as it can serve; `port_setting` names its port's setting."""

    name: str
    command: str
    folder: Path
    port: int
    port_setting: str
    health: str
    headers: Mapping[str, str]


def processes(settings: Settings) -> tuple[Process, ...]:
    """The bot first: it takes longest to load."""
    token = settings.bot_token.get_secret_value()
    return (
        Process(
            "bot",
            f"{settings.bot_python} serve.py --model {settings.bot_model}",
            ROOT / "bot",
            settings.bot_port,
            "PARLEY_BOT_PORT",
            f"{settings.bot_url}/webhooks/gateway/health",
            {"Authorization": f"Bearer {token}"},
        ),
        Process(
            "actions",
            f"{sys.executable} -m parley.processes.actions",
            ROOT,
            settings.actions_port,
            "PARLEY_ACTIONS_PORT",
            f"http://127.0.0.1:{settings.actions_port}/health",
            {},
        ),
        Process(
            "web",
            f"{sys.executable} -m parley.processes.web",
            ROOT,
            settings.port,
            "PARLEY_PORT",
            f"http://{_reachable(settings.host)}:{settings.port}/healthz",
            {},
        ),
    )


def environment(settings: Settings) -> dict[str, str]:
    """What the processes read; the bot's environment knows no settings module, so it is told everything by name."""
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "DATABASE_URL": settings.database_url,
        "PARLEY_TRACKER_URL": settings.tracker_url,
        "PARLEY_STATE": str(settings.state),
        "PARLEY_SHOP": str(settings.shop),
        "PARLEY_ARTIFACTS": str(settings.artifacts),
        "PARLEY_GAZETTEER": str(settings.gazetteer),
        "PARLEY_BOT_PORT": str(settings.bot_port),
        "PARLEY_BOT_TOKEN": settings.bot_token.get_secret_value(),
        "PARLEY_SECRET": settings.secret.get_secret_value(),
        "PARLEY_ACTIONS_PORT": str(settings.actions_port),
        "PARLEY_ACTIONS_URL": settings.actions_url,
        "PARLEY_HOST": settings.host,
        "PARLEY_PORT": str(settings.port),
        "PARLEY_SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "PARLEY_SLACK_APP_TOKEN": settings.slack_app_token.get_secret_value(),
        "PARLEY_SLACK_SIGNING_SECRET": settings.slack_signing_secret.get_secret_value(),
        "PARLEY_SLACK_ALERT_CHANNEL": settings.slack_alert_channel,
        "PARLEY_SLACK_CART_FROM": str(settings.slack_cart_from),
        "PARLEY_SLACK_MOOD_BELOW": str(settings.slack_mood_below),
        "PARLEY_SLACK_API_URL": settings.slack_api_url,
        "PARLEY_TELEGRAM_TOKEN": settings.telegram_token.get_secret_value(),
        "PARLEY_TELEGRAM_MODE": settings.telegram_mode,
        "PARLEY_TELEGRAM_WEBHOOK_URL": settings.telegram_webhook_url,
        "PARLEY_TELEGRAM_WEBHOOK_SECRET": settings.telegram_webhook_secret.get_secret_value(),
        "PARLEY_TELEGRAM_API_URL": settings.telegram_api_url,
        "PARLEY_BOT_LOG": "WARNING",
        "PARLEY_LOG_LEVEL": settings.log_level,
        "RASA_TELEMETRY_ENABLED": "false",
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
    }


class Supervisor:
    """supervisord as a child of this process, for as long as the context lasts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._processes = processes(settings)
        self._logs = settings.state / "log"
        self._child: subprocess.Popen[bytes] | None = None

    def check_ports(self) -> None:
        """Raises PortTaken, naming the setting, or ParleyError when it is Parley itself that runs already."""
        if is_running(self._settings):
            raise ParleyError(
                "Parley is running already. `parley status` tells how it is, `parley stop` ends it."
            )
        for process in self._processes:
            host = self._settings.host if process.name == "web" else "127.0.0.1"
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((host, process.port))
                except OSError as exc:
                    if exc.errno == errno.EACCES:
                        raise SettingsError(
                            f"{process.port_setting}: {process.port} is reserved for root; choose one above 1023"
                        ) from exc
                    if exc.errno != errno.EADDRINUSE:
                        raise SettingsError(
                            f"PARLEY_HOST: {host!r} is no address of this machine; write 127.0.0.1, or 0.0.0.0 for all"
                        ) from exc
                    raise PortTaken(port=process.port, setting=process.port_setting) from exc

    def start(self) -> None:
        self._logs.mkdir(parents=True, exist_ok=True)
        configuration = self._settings.state / "supervisord.conf"
        configuration.write_text(_configuration(self._settings, self._processes, self._logs))
        self._child = subprocess.Popen(  # noqa: S603 - our own interpreter with our own file
            [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(configuration)],
            env=environment(self._settings),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait_until_ready(self) -> Iterator[tuple[str, float]]:
        """Yield each process's name with the seconds it took, as it becomes ready.

        Raises NotReady with the end of its log when one can't start.
        """
        began = time.monotonic()
        waiting = {process.name: process for process in self._processes}
        with httpx.Client(timeout=2.0, trust_env=False) as client:
            while waiting:
                for process in tuple(waiting.values()):
                    if _answers(client, process):
                        del waiting[process.name]
                        yield process.name, time.monotonic() - began
                self._check(waiting, time.monotonic() - began)
                time.sleep(0.1)

    def wait(self) -> int:
        """Until supervisord ends; raises NotReady when a process died too often to be started again."""
        assert self._child is not None  # noqa: S101 - start() came first
        while self._child.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(timeout=2.0)
            self._raise_if_fatal()
        return self._child.returncode

    def stop(self) -> None:
        if self._child is None or self._child.poll() is not None:
            return
        self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    def _check(self, waiting: Mapping[str, Process], waited: float) -> None:
        if self._child is not None and self._child.poll() is not None and waiting:
            raise NotReady(f"The supervisor ended at once; see {self._logs / 'supervisord.log'}")
        self._raise_if_fatal()
        if waited > READY_WITHIN and waiting:
            name = next(iter(waiting))
            raise NotReady(f"{name} is not ready after {READY_WITHIN:.0f} s. {self._tail(name)}")

    def _raise_if_fatal(self) -> None:
        for state in states(self._settings):
            if state["statename"] == "FATAL":
                raise NotReady(f"{state['name']} does not start. {self._tail(state['name'])}")

    def _tail(self, name: str) -> str:
        path = self._logs / f"{name}.log"
        lines = (
            [line for line in path.read_text(errors="replace").splitlines() if line.strip()]
            if path.exists()
            else []
        )
        return f"Its log ends with: {lines[-1][:300] if lines else 'nothing'}  (all of it: {path})"


def states(settings: Settings) -> list[dict[str, Any]]:
    """What supervisord says of each process; an empty list when it doesn't run."""
    try:
        with _proxy(settings) as proxy:
            return list(proxy.supervisor.getAllProcessInfo())  # type: ignore[arg-type]  # XML-RPC is untyped
    except (OSError, xmlrpc.client.Error):
        return []


def is_running(settings: Settings) -> bool:
    return bool(states(settings))


def shut_down(settings: Settings) -> bool:
    """Ask a running supervisord to end; returns whether there was one. Returns when its processes have ended."""
    if not is_running(settings):
        return False
    with _proxy(settings) as proxy:
        proxy.supervisor.shutdown()
    deadline = time.monotonic() + 20
    while is_running(settings) and time.monotonic() < deadline:
        time.sleep(0.1)
    return True


def _proxy(settings: Settings) -> xmlrpc.client.ServerProxy:
    transport = SupervisorTransport(None, None, f"unix://{_socket(settings)}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)


def _socket(settings: Settings) -> Path:
    """In the state folder, or where its path is too long for a Unix socket, in a folder of this user's."""
    path = settings.state / "supervisor.sock"
    if len(str(path)) <= SOCKET_LIMIT:
        return path
    return Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp")) / f"parley-{os.getuid()}-{settings.port}.sock"  # noqa: S108 - mode 0700 below


def _answers(client: httpx.Client, process: Process) -> bool:
    try:
        return client.get(process.health, headers=dict(process.headers)).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound


def _configuration(settings: Settings, programs: tuple[Process, ...], logs: Path) -> str:
    escaped = {program.name: program.command.replace("%", "%%") for program in programs}
    head = f"""\
; Written by `parley run` at each start.
[unix_http_server]
file={_socket(settings)}
chmod=0700

[supervisord]
nodaemon=true
silent=true
logfile={logs}/supervisord.log
logfile_maxbytes=5MB
pidfile={settings.state}/supervisord.pid
childlogdir={logs}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""
    return head + "".join(
        f"""
[program:{program.name}]
command={escaped[program.name]}
directory={program.folder}
autorestart=true
startsecs=3
startretries=5
stopwaitsecs=15
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{program.name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=5
"""
        for program in programs
    )
