"""Every page of the catalogue: at the desk and on a phone, light and dark, for accessibility, and a picture of each."""

from world import HERE, BrowserTest

CHECKS = (HERE / "accessibility.js").read_text()


class WalkTest(BrowserTest):
    def paths(self, page):
        """The pages that the menu names."""
        return page.evaluate("[...document.querySelectorAll('.menu a')].map((link) => link.hash.slice(1))")

    def check(self, page, name):
        self.assertEqual(page.evaluate(CHECKS), [], name)

    def walk(self, mode, **options):
        page = self.open("/agents", **options)
        paths = self.paths(page)
        self.assertEqual(len(paths), 11)
        for path in paths:
            with self.subTest(path=path, mode=mode):
                self.go(page, path)
                page.see(page.evaluate("document.querySelector('main h1').textContent"))
                self.assertNotIn("could not be shown", page.text())
                self.shot(page, f"{path.strip('/').replace('/', '-')}-{mode}")
                self.check(page, f"{path} {mode}")

    def setUp(self):
        super().setUp()
        self.furnish()

    def furnish(self):
        """Something on every page; made once."""
        if getattr(self.world, "is_furnished", False):
            return
        self.world.is_furnished = True
        agent = self.world.agent(name="Walk Agent", tools=["store_data"])
        conversation = self.world.api("POST", "/v1/conversations", {"agent_id": agent["id"], "title": "A question about Spin"})
        answer = "Spin is at **six**.\n\n- Bring water\n- Bring a towel\n\n```swift\nlet spin = 6 // o'clock\n```"
        self.world.api("POST", f"/v1/conversations/{conversation['id']}/messages", {"content": "say: " + answer})
        # Somebody has to agree: the turn waits, and so does its approval.
        self.world.api("POST", f"/v1/conversations/{conversation['id']}/messages", {"content": 'call: store_data {"key":"walk","value":"x"}'})
        self.world.api("POST", "/v1/tasks", {"title": "Weekly report", "agent_id": agent["id"], "description": "say: Done.", "schedule": {"cron": "0 7 * * 1"}})
        task = self.world.api("POST", "/v1/tasks", {"title": "Call back", "agent_id": agent["id"], "description": "say: Called."})
        self.world.api("POST", f"/v1/tasks/{task['id']}/execute", {})
        self.world.api("POST", "/v1/workflow-templates/lead-follow-up/instantiate", {})
        self.world.api("POST", "/v1/hooks", {"name": "Website leads", "direction": "inbound", "style": "standard",
                                             "action": {"kind": "agent_message", "agent_id": agent["id"], "content": "New: {{ payload.name }}"}})

    def test_at_the_desk_in_light(self):
        self.walk("light", prefers_color_scheme="light")

    def test_at_the_desk_in_dark(self):
        self.walk("dark", prefers_color_scheme="dark")

    def test_on_a_phone(self):
        self.walk("phone", width=390, height=844, phone=True)

    def test_dialogs_and_windows(self):
        page = self.open("/agents")
        page.click("button", "New agent")
        page.see("Instructions")
        self.check(page, "form")
        page.press("Escape")
        page.click(".face")
        page.find(".chat-window")
        self.check(page, "window")
        conversation = self.world.api("GET", "/v1/conversations?q=Spin")["data"][0]
        self.go(page, f"/chat/{conversation['id']}")
        page.find(".message")
        self.check(page, "conversation")
        self.go(page, f"/agents/{conversation['agent_id']}")
        for tab in ("Versions", "Figures", "Conversations"):
            page.click("[role=tab]", tab)
            page.wait("document.querySelector('.tabpanel').children.length > 0 && !document.querySelector('main .loading')")
            self.check(page, tab)
