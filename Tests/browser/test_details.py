"""What lies behind the menu: the page of one thing, its tabs and its dialogs, looked at for accessibility."""

from world import HERE, BrowserTest

CHECKS = (HERE / "accessibility.js").read_text()


class Details(BrowserTest):
    def check(self, page, name):
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.assertEqual(page.evaluate(CHECKS), [], name)

    def tabs(self, page, *labels):
        for label in labels:
            page.click("[role=tab]", label)
            page.wait("document.querySelector('.tabpanel').children.length > 0 && !document.querySelector('main .loading')")
            self.check(page, label)
            self.shot(page, f"details-{label.split(' ')[0].lower()}")

    def furnish(self):
        """A task that has run, a workflow that waits, and a hook."""
        agent = self.world.agent(tools=["store_data"])
        task = self.world.api("POST", "/v1/tasks", {
            "title": "say: It is fine.", "agent_id": agent["id"], "schedule": {"cron": "0 9 * * MON-FRI"}})
        run = self.world.api("POST", f"/v1/tasks/{task['id']}/execute", {})["execution_id"]
        self.world.api("GET", f"/v1/executions/{run}?wait_ms=10000")
        workflow = self.world.api("POST", "/v1/workflows", {
            "name": self.world.name("Asks"), "variables": {"who": {"type": "string", "default": "Ana"}},
            "nodes": [{"id": "ask", "type": "wait", "config": {"question": "Which day?"}},
                      {"id": "allow", "type": "human_approval", "config": {"message": "Call {{vars.who}}?"}}],
            "edges": [{"from": "ask", "to": "allow"}]})
        flow = self.world.api("POST", f"/v1/workflows/{workflow['id']}/executions", {})["execution_id"]
        hook = self.world.api("POST", "/v1/hooks", {
            "name": self.world.name("Hook"), "style": "github",
            "action": {"kind": "agent_message", "agent_id": agent["id"], "content": "{{ payload }}"}})
        return task, run, workflow, flow, hook

    def walk(self, **options):
        task, run, workflow, flow, hook = self.furnish()
        page = self.open(f"/tasks/{task['id']}", **options)
        page.find("main .row [data-state=completed]")
        self.tabs(page, "Fires of the schedule", "Runs")
        page.click("main button", "Edit")
        page.see("every weekday")
        self.check(page, "form of a task")
        page.press("Escape")
        self.go(page, f"/executions/{run}")
        self.tabs(page, "Timeline", "Runs that it began", "Steps")
        self.go(page, f"/executions/{flow}")
        page.find(".graph-node.is-running")
        self.check(page, "run of a workflow")
        self.go(page, f"/workflows/{workflow['id']}")
        self.tabs(page, "Variables", "Document", "Versions", "Picture")
        page.click("main button", "Start")
        self.check(page, "start of a workflow")
        page.press("Escape")
        self.go(page, f"/hooks/{hook['id']}")
        page.see("The sender signs no time.")
        self.check(page, "hook")
        page.click("main button", "Edit")
        self.check(page, "form of a hook")
        page.press("Escape")
        self.go(page, "/usage")
        self.tabs(page, "Budgets", "Statement", "Cost")
        self.go(page, "/settings")
        self.tabs(page, "Tokens", "Limits and providers", "Appearance")
        self.go(page, "/monitoring")
        self.tabs(page, "Alerts", "Figures")

    def test_at_the_desk(self):
        self.walk(prefers_color_scheme="light")

    def test_on_a_phone_in_the_dark(self):
        self.walk(width=390, height=844, phone=True, prefers_color_scheme="dark")

    def test_names_that_are_markup_stay_text(self):
        bad = "<img src=x onerror=\"document.title='owned'\"><svg onload=\"document.title='owned'\">"
        agent = self.world.agent(name=f"{bad} {self.world.name('x')}"[:100])
        task = self.world.api("POST", "/v1/tasks", {"title": bad, "description": bad, "agent_id": agent["id"], "input": {bad: bad}})
        run = self.world.api("POST", f"/v1/tasks/{task['id']}/execute", {})["execution_id"]
        workflow = self.world.api("POST", "/v1/workflows", {
            "name": f"{bad} {self.world.name('x')}", "description": bad, "edges": [],
            "variables": {"who": {"type": "string", "description": bad, "default": bad}},
            "nodes": [{"id": "ask", "type": "wait", "name": bad, "config": {"question": bad}}]})
        flow = self.world.api("POST", f"/v1/workflows/{workflow['id']}/executions", {})["execution_id"]
        page = self.open("/tasks")
        for path in (f"/tasks/{task['id']}", "/executions", f"/executions/{run}", f"/executions/{flow}", "/workflows",
                     f"/workflows/{workflow['id']}", "/workflows?tab=check", "/approvals", "/usage", "/hooks", "/monitoring"):
            self.go(page, path)
            self.assertEqual(page.count("main img, main svg[onload]"), 0, path)
            self.assertNotEqual(page.evaluate("document.title"), "owned", path)
