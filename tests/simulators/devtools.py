"""Chromium without a window, spoken to in its own protocol: opens a page, runs scripts in it, presses keys, looks.

It needs nothing but the browser; a test that uses it is skipped by name where there is none.

Sources: Chrome DevTools Protocol, domains Page, Runtime, Input, Log.
"""

import asyncio
import base64
import json
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
START_S = 30.0
WAIT_S = 20.0
_ENDPOINT = "DevTools listening on "


def find_chromium() -> str | None:
    """Return the path of the browser, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Page:
    """One tab.

    Attributes
    ----------
    complaints : list of str
        Errors that the page logged, among them what its content security policy forbade.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._number = socket, 0
        self._session = ""
        self.complaints: list[str] = []

    async def open(self, url: str, width: int = 1280, height: int = 1000) -> None:
        """Open a tab at an address."""
        target = await self._send("Target.createTarget", url="about:blank")
        attached = await self._send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            await self._send(f"{domain}.enable")
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self._send("Emulation.setDeviceMetricsOverride", **metrics)
        await self._send("Page.navigate", url=url)

    async def run(self, script: str) -> Any:  # noqa: ANN401 - whatever the script returns
        """Return what an expression in the page gives, awaited."""
        answer = await self._send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until an expression in the page is true."""
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                while not await self.run(f"Boolean({script})"):  # noqa: ASYNC110 - the page rings no bell here
                    await asyncio.sleep(0.05)
                return
        text = await self.run("document.body.innerText")
        raise AssertionError(f"never true: {script}; the page says:\n{text}\n{self.complaints}")

    async def until_text(self, text: str) -> None:
        """Wait until the page shows a text."""
        await self.until(f"document.body?.innerText.includes({json.dumps(text)})")

    async def press(self, name: str) -> None:
        """Press the button or link whose text begins so."""
        wanted = json.dumps(name)
        find = (
            "[...document.querySelectorAll('button, a, summary, label')]"
            f".find((each) => each.textContent.trim().startsWith({wanted}) && !each.disabled)"
        )
        await self.until(find)
        await self.run(f"{find}.click()")

    async def key(self, key: str, code: int) -> None:
        """Press a key of the keyboard."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            named = {"key": key, "code": key, "windowsVirtualKeyCode": code}
            await self._send("Input.dispatchKeyEvent", type=kind, **named, **(text if kind == "keyDown" else {}))

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        await self._send("Input.insertText", text=text)

    async def picture(self) -> bytes:
        """Return what the whole page looks like, as PNG."""
        size = (await self._send("Page.getLayoutMetrics"))["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        shot = await self._send("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])

    async def _send(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        await self._socket.send_json(message)
        async with asyncio.timeout(WAIT_S):
            while True:
                answer = cast("dict[str, Any]", await self._socket.receive_json())
                self._note(answer)
                if answer.get("id") == self._number:
                    if "error" in answer:
                        raise AssertionError(f"{method}: {answer['error']}")
                    return cast("dict[str, Any]", answer["result"])

    def _note(self, answer: dict[str, Any]) -> None:
        if answer.get("method") == "Log.entryAdded" and answer["params"]["entry"]["level"] == "error":
            self.complaints.append(answer["params"]["entry"]["text"])
        if answer.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(str(answer["params"]["exceptionDetails"]))


@asynccontextmanager
async def browser(executable: str) -> AsyncGenerator[Page, None]:
    """Run Chromium until the end of the block, with a profile that is thrown away."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = ("--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--no-first-run")
        process = await asyncio.create_subprocess_exec(
            executable, *flags, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.PIPE
        )
        try:
            url = await _endpoint(process)
            async with aiohttp.ClientSession() as session, session.ws_connect(url, max_msg_size=0) as socket:
                yield Page(socket)
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _endpoint(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(START_S):
        while line := (await process.stderr.readline()).decode():
            if line.startswith(_ENDPOINT):
                return line.removeprefix(_ENDPOINT).strip()
    raise AssertionError("the browser ended before it listened")
