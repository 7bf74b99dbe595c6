"""A headless Chromium by its DevTools protocol, over a pipe: nothing but Python's own library is needed.

Waiting is done inside the page, frame by frame, until a condition holds; nothing here sleeps for a while and hopes.
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import Future, TimeoutError as FutureTimeout

PATIENCE = 15.0


class PageError(AssertionError):
    """What the page answered instead of a value."""


def find_browser():
    for name in ("chromium", "google-chrome-stable", "google-chrome", "chrome"):
        path = shutil.which(name)
        if path:
            return path
    return None


class Chromium:
    """One browser process; pages of different contexts share nothing."""

    def __init__(self):
        path = find_browser()
        if path is None:
            raise RuntimeError("There is no Chromium. Install the Debian package chromium.")
        self.folder = tempfile.mkdtemp(prefix="spotter-chromium-")
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        flags = [
            "--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", "--no-sandbox",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio",
            "--disable-dev-shm-usage", "--force-color-profile=srgb", "--hide-scrollbars", f"--user-data-dir={self.folder}",
        ]

        def place_pipes():
            # The browser reads from 3 and writes to 4. Copies first: either end may stand at the other's number.
            source, sink = os.dup(to_browser), os.dup(from_browser)
            os.dup2(source, 3)
            os.dup2(sink, 4)

        self.process = subprocess.Popen(
            [path, *flags, "about:blank"], preexec_fn=place_pipes, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self._lock = threading.Lock()
        self._next = 0
        self._waiting = {}
        self._listeners = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        rest = b""
        while True:
            try:
                part = os.read(self._in, 1 << 16)
            except OSError:
                part = b""
            if not part:
                break
            *messages, rest = (rest + part).split(b"\0")
            for message in messages:
                self._take(json.loads(message))
        for future in list(self._waiting.values()):
            future.set_exception(PageError("the browser has gone"))

    def _take(self, message):
        if "id" in message:
            future = self._waiting.pop(message["id"], None)
            if future is None or future.done():
                return
            if "error" in message:
                future.set_exception(PageError(message["error"].get("message", "error")))
            else:
                future.set_result(message.get("result", {}))
            return
        listener = self._listeners.get(message.get("sessionId"))
        if listener:
            listener(message["method"], message.get("params", {}))

    def call(self, method, params=None, session=None, patience=PATIENCE):
        future = Future()
        with self._lock:
            self._next += 1
            number = self._next
            self._waiting[number] = future
            message = {"id": number, "method": method, "params": params or {}}
            if session:
                message["sessionId"] = session
            data = json.dumps(message).encode() + b"\0"
            while data:
                data = data[os.write(self._out, data):]
        try:
            return future.result(patience)
        except FutureTimeout:
            raise PageError(f"{method} took longer than {patience} s") from None

    def page(self, width=1280, height=900):
        """A page with cookies and storage of its own."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        return self.tab(context, width, height)

    def tab(self, context, width=1280, height=900):
        target = self.call("Target.createTarget", {"url": "about:blank", "browserContextId": context})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        return Page(self, context, target, session, width, height)

    def listen(self, session, listener):
        self._listeners[session] = listener

    def close(self):
        try:
            self.call("Browser.close", patience=5)
        except PageError:
            self.process.kill()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for end in (self._in, self._out):
            os.close(end)
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    """A tab, seen and used as a person does: by what is on it."""

    def __init__(self, browser, context, target, session, width, height):
        self.browser = browser
        self.context = context
        self.target = target
        self.session = session
        #: What went wrong on the page: exceptions, errors on the console, broken policies.
        self.complaints = []
        #: Bytes of each answer as they came over the wire: (address, bytes).
        self.transfers = []
        #: What was answered with 429: the page asks too often.
        self.refused = []
        self._addresses = {}
        browser.listen(session, self._hear)
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.resize(width, height)

    def call(self, method, params=None, patience=PATIENCE):
        return self.browser.call(method, params, self.session, patience)

    def _hear(self, method, params):
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            self.complaints.append(" ".join(str(part.get("value", part.get("description"))) for part in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            entry = params["entry"]
            # The browser notes every answer of 4xx; what the page makes of it is looked at where it matters.
            if entry["source"] != "network":
                self.complaints.append(entry["text"])
        elif method == "Network.responseReceived":
            self._addresses[params["requestId"]] = params["response"]["url"]
            if params["response"]["status"] == 429:
                self.refused.append(params["response"]["url"])
        elif method == "Network.loadingFinished":
            self.transfers.append((self._addresses.get(params["requestId"], ""), params["encodedDataLength"]))

    def resize(self, width, height, phone=False):
        self.call("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone})

    def media(self, **features):
        """Such as `media(prefers_color_scheme="dark")`."""
        self.call("Emulation.setEmulatedMedia", {
            "features": [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})

    def goto(self, address):
        self.call("Page.navigate", {"url": address})
        self.wait("document.readyState === 'complete'")

    def reload(self):
        self.evaluate("window.__old = true")
        self.call("Page.reload")
        self.wait("!window.__old && document.readyState === 'complete'")

    def evaluate(self, expression, patience=PATIENCE):
        """The value of an expression, which may be a promise."""
        answer = self.call("Runtime.evaluate", {
            "expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": True}, patience)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def wait(self, condition, patience=PATIENCE, what=None):
        """Until a condition holds, looked at once for every frame; across navigations, too."""
        script = f"""new Promise((done) => {{
            const end = performance.now() + {min(patience, 5) * 1000}
            const look = () => {{
                let value = false
                try {{ value = ({condition}) }} catch {{ value = false }}
                if (value) done(value)
                else if (performance.now() > end) done(null)
                else setTimeout(look, 16)
            }}
            look()
        }})"""
        tries = max(1, int(patience / 5))
        for _ in range(tries * 4):
            try:
                value = self.evaluate(script)
            except PageError as error:
                # A navigation took the page away: the next one is asked.
                if "context" in str(error) or "navigated" in str(error):
                    continue
                raise
            if value is not None:
                return value
            tries -= 1
            if tries <= 0:
                break
        raise PageError(f"waited in vain for {what or condition}\n{self.text()[:1500]}\n{self.complaints}")

    def text(self):
        return self.evaluate("document.body.innerText") or ""

    def see(self, text, patience=PATIENCE):
        self.wait(f"document.body.innerText.includes({json.dumps(text)})", patience, f"the text {text!r}")

    def count(self, selector):
        return self.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length")

    def find(self, selector, text=None, patience=PATIENCE):
        """Waits for an element in sight that does not move any more; gives its place."""
        return self.wait(f"""(() => {{
            const wanted = {json.dumps(text)}
            for (const node of document.querySelectorAll({json.dumps(selector)})) {{
                const name = (node.getAttribute('aria-label') ?? '') + ' ' + node.textContent
                if (wanted !== null && !name.includes(wanted)) continue
                node.scrollIntoView({{ block: 'center', inline: 'nearest', behavior: 'instant' }})
                const box = node.getBoundingClientRect()
                if (box.width === 0 || box.height === 0 || node.disabled) continue
                const place = {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }}
                // What comes in above it moves it: a click would meet something else.
                const last = window.__place
                window.__place = {{ ...place, node }}
                if (last?.node === node && last.x === place.x && last.y === place.y) return place
                return false
            }}
            return false
        }})()""", patience, f"{selector} {text or ''}")

    def click(self, selector, text=None):
        place = self.find(selector, text)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", {"type": kind, **place, "button": "left", "clickCount": 1})

    def fill(self, selector, value):
        """Puts a value in the place of what a field holds, by typing it."""
        self.click(selector)
        self.evaluate("document.activeElement.select?.()")
        self.type(value)

    def type(self, text):
        self.call("Input.insertText", {"text": text})

    def choose(self, selector, value):
        self.find(selector)
        self.evaluate(f"""(() => {{
            const node = document.querySelector({json.dumps(selector)})
            node.value = {json.dumps(value)}
            node.dispatchEvent(new Event('input', {{ bubbles: true }}))
            node.dispatchEvent(new Event('change', {{ bubbles: true }}))
        }})()""")

    CODES = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowDown": 40, "ArrowUp": 38, "ArrowLeft": 37, "ArrowRight": 39,
             "Home": 36, "End": 35, " ": 32}

    def press(self, key, shift=False):
        event = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": self.CODES[key],
                 "modifiers": 8 if shift else 0}
        text = {"Enter": "\r", " ": " "}.get(key)
        self.call("Input.dispatchKeyEvent", {"type": "keyDown", **event, **({"text": text} if text else {})})
        self.call("Input.dispatchKeyEvent", {"type": "keyUp", **event})

    def screenshot(self, path, whole=False):
        picture = self.call("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})
        with open(path, "wb") as file:
            file.write(base64.b64decode(picture["data"]))

    def close(self):
        self.browser.call("Target.closeTarget", {"targetId": self.target})
