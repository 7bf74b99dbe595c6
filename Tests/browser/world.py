"""What the tests share: the real program on a database of its own, a scripted model, and one browser."""

import atexit
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

from chromium import Chromium
from model import Model
from receiver import Receiver

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SHOTS = ROOT / ".build" / "screenshots"
START = 180

# A gym in which two tools are asked about, and nothing else is in the way.
GYM = """\
slug: iron-temple
name: Iron Temple Gym
timezone: America/New_York
currency: USD
plan: enterprise
templates: [gym]
providers:
  openai:
    api_key: env:OPENAI_API_KEY
model_fallback: offline
policy:
  approvers: [role:owner]
  rules:
    - tools: [store_data, notify_staff]
      then: ask
      reason: Somebody has to agree.
demo:
  members: 20
  classes: 4
"""


class Wire:
    """Stands between a browser and the server, and can be cut."""

    def __init__(self, port):
        self.port = port
        self.ends = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                return
            self.ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.pass_on, args=(source, sink), daemon=True).start()

    @staticmethod
    def pass_on(source, sink):
        try:
            while part := source.recv(1 << 16):
                sink.sendall(part)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        """Ends every connection; new ones are taken."""
        ends, self.ends = self.ends, []
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def close(self):
        self.listener.close()
        self.cut()


class World:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="spotter-browser-"))
        atexit.register(self.close)
        home = self.folder / "home"
        (home / "tenants").mkdir(parents=True)
        for name in ("migrations", "templates", "dashboard"):
            os.symlink(ROOT / name, home / name)
        (home / "tenants" / "iron-temple.yaml").write_text(GYM)
        self.model = Model()
        self.receiver = Receiver()
        self.browser = None
        self.names = itertools.count(1)
        program = os.environ.get("SPOTTER", str(ROOT / ".build" / "debug" / "spotter"))
        environment = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if key in os.environ}
        environment |= {
            "SPOTTER_HOME": str(home), "OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": self.model.address,
            "OPENAI_API": "chat", "SPOTTER_HTTP_ALLOW_PRIVATE": self.receiver.address}
        self.log = open(self.folder / "spotter.log", "wb")
        self.process = subprocess.Popen(
            [program, "up", "--json", "--port", "0", "--data", str(self.folder / "data")], env=environment,
            stdout=subprocess.PIPE, stderr=self.log)
        watch = threading.Timer(START, self.process.kill)
        watch.start()
        line = self.process.stdout.readline()
        watch.cancel()
        if not line:
            raise RuntimeError("spotter did not start:\n" + (self.folder / "spotter.log").read_text()[-4000:])
        self.ready = json.loads(line)
        self.url, self.token = self.ready["url"], self.ready["token"]

    def api(self, method, path, body=None, token=None, expect=None):
        """Asks the server directly; gives the JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, method=method,
            headers={"authorization": f"Bearer {token or self.token}", "content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            if expect == error.code:
                return json.loads(error.read() or b"null")
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()[:600]}") from None
        return json.loads(text) if text.strip().startswith((b"{", b"[")) else None

    def name(self, noun):
        """A name that nothing else has."""
        return f"{noun} {next(self.names)}"

    def agent(self, name=None, **settings):
        return self.api("POST", "/v1/agents", {
            "name": name or self.name("Agent"), "system_prompt": "Help.", "model": "gpt-4o-mini",
            "description": "Made by a test."} | settings)

    def open(self, path="/agents", width=1280, height=900, phone=False, token=None, url=None, **media):
        """A browser of its own, signed in, at a page of the dashboard."""
        if self.browser is None:
            self.browser = Chromium()
        page = self.browser.page(width, height)
        if phone:
            page.resize(width, height, phone=True)
        if media:
            page.media(**media)
        page.goto((url or self.url) + "/#" + path)
        page.fill("input[type=password]", token or self.token)
        page.press("Enter")
        settled(page)
        return page

    def close(self):
        atexit.unregister(self.close)
        if self.browser:
            self.browser.close()
            self.browser = None
        process = getattr(self, "process", None)
        if process and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process:
            process.stdout.close()
            self.log.close()
        self.model.close()
        self.receiver.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def settled(page):
    """Waits until the page is there and reads nothing more; gives the milliseconds that took, by the page's own clock."""
    return page.wait("document.querySelector('main.page h1') && !document.querySelector('main.page .loading')"
                     " && !document.querySelector('main.page [aria-busy=true]:not([role=log])') && performance.now()",
                     what="a page that has settled")


_world = None


def world():
    global _world
    if _world is None:
        _world = World()
    return _world


class BrowserTest(unittest.TestCase):
    """Each test has a browser context of its own; whatever a page complains of fails its test."""

    longMessage = True

    @classmethod
    def setUpClass(cls):
        cls.world = world()

    def setUp(self):
        self.pages = []

    def open(self, path="/agents", **options):
        page = self.world.open(path, **options)
        self.pages.append(page)
        return page

    def go(self, page, path):
        page.evaluate(f"location.hash = {json.dumps('#' + path)}")
        # The old page stands until the new one is there.
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        settled(page)

    def shot(self, page, name, whole=False):
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(str(SHOTS / f"{name}.png"), whole)

    def tearDown(self):
        complaints = [text for page in self.pages for text in page.complaints]
        refused = [address for page in self.pages for address in page.refused]
        for index, page in enumerate(self.pages):
            try:
                outcome = self._outcome.result
                if any(test is self for test, _ in outcome.failures + outcome.errors):
                    self.shot(page, f"failed-{self.id().split('.')[-1]}-{index}")
            except Exception:
                pass
            page.close()
        self.assertEqual(complaints, [], "the page complained")
        self.assertEqual(refused, [], "the page asked for more than the limits allow")


def end():
    """Called once by the runner, after everything."""
    global _world
    if _world is not None:
        _world.close()
        _world = None
