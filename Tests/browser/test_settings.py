"""Settings, monitoring and activity."""

from world import BrowserTest


class Settings(BrowserTest):
    def test_a_token_is_shown_once_and_revoked(self):
        name = self.world.name("CRM <b>")
        page = self.open("/settings?tab=tokens")
        page.click("main button", "New token")
        page.fill("dialog [name=name]", name)
        page.choose("dialog [name=role]", "read_only")
        page.click("dialog button[type=submit]")
        page.see("This is shown once.")
        token = page.evaluate("document.querySelector('[data-secret]').textContent")
        self.world.api("GET", "/v1/agents", token=token)
        self.shot(page, "token")
        page.click("dialog button", "I have kept it")
        page.find("main .row", name)
        self.assertNotIn(token, page.evaluate("document.documentElement.outerHTML"))
        page.click("main button", f"Revoke {name}")
        page.click("dialog button.danger")
        page.wait("document.querySelector('main .rows [data-state=revoked]')")

    def test_sessions_that_have_ended_are_not_shown(self):
        name = self.world.name("Till")
        token = self.world.api("POST", "/v1/tokens", {"name": name, "role": "staff"})["token"]
        rows = f"[...document.querySelectorAll('main .rows .row')].filter((row) => row.innerText.includes({name!r}))"
        other = self.open("/agents", token=token)
        page = self.open("/settings?tab=tokens")
        page.wait(f"{rows}.length === 2", what="the token and its session")
        page.see("Dashboard, signed in")
        other.click("button[aria-label='Sign out']")
        other.see("You are signed out.")
        page.reload()
        page.wait(f"{rows}.length === 1 && !{rows}[0].innerText.includes('Dashboard')", what="the token alone")

    def test_the_organisation_and_the_theme(self):
        page = self.open("/settings")
        page.see("America/New_York")
        page.see("USD")
        page.click("[role=tab]", "Appearance")
        page.click("main label", "Dark")
        self.assertEqual(page.evaluate("document.documentElement.dataset.theme"), "dark")
        page.reload()
        self.assertEqual(page.evaluate("document.documentElement.dataset.theme"), "dark")

    def test_whoever_may_only_read_is_offered_no_changes(self):
        token = self.world.api("POST", "/v1/tokens", {"name": self.world.name("Reader"), "role": "read_only"})["token"]
        page = self.open("/tasks", token=token)
        self.assertEqual(page.count("main button.primary"), 0)
        for path in ("/executions", "/workflows", "/approvals", "/settings"):
            self.go(page, path)
            self.assertEqual(page.count("main h1"), 1, path)


class Watching(BrowserTest):
    def test_monitoring_tells_the_health_of_each_part(self):
        page = self.open("/monitoring")
        page.find("main .health li", "Database")
        page.find("main .health li", "Scheduler")
        self.shot(page, "monitoring", whole=True)
        page.click("[role=tab]", "Alerts")
        page.find("main article", "Workflows fail")
        self.shot(page, "alerts")

    def test_activity_tells_who_did_what(self):
        agent = self.world.agent()
        page = self.open("/activity")
        self.assertEqual(page.count("main h1"), 1)
        page.find("main .row", "createAgent")
        page.fill("main input[aria-label='Id of the resource']", agent["id"])
        page.wait("document.querySelectorAll('main .rows .row').length === 1", what="the one entry")
        self.shot(page, "activity")

    def test_an_alert_is_made_switched_off_and_deleted(self):
        name = self.world.name("Queue <b>")
        page = self.open("/monitoring?tab=alerts")
        page.click("main button", "New alert")
        page.fill("dialog [name=name]", name)
        page.click("dialog button[type=submit]")
        page.find("main article", name)
        page.click("main [role=switch]", f"{name} is on")
        page.wait(f"""[...document.querySelectorAll('main article')].find((item) => item.ariaLabel === {name!r})
            ?.querySelector('[data-state=off]')""", what="an alert that is off")
        page.click("main button", f"Delete {name}")
        page.click("dialog button.danger")
        page.wait(f"![...document.querySelectorAll('main article')].some((item) => item.ariaLabel === {name!r})")
