"""The agents' page: making, finding, changing, going back, deleting."""

from world import BrowserTest


class AgentsTest(BrowserTest):
    def test_an_agent_is_made_with_tools_and_a_model(self):
        page, name = self.open("/agents"), self.world.name("Front Desk")
        page.click("button", "New agent")
        page.see("Instructions")
        page.fill("dialog input[name=name]", name)
        page.fill("dialog textarea[name=system_prompt]", "You help at the front desk.")
        page.choose("dialog select[name=model]", "gpt-4o")
        page.fill("dialog input[aria-label='Search Tools']", "class schedule")
        page.click("dialog .choice label", "view_class_schedule")
        self.shot(page, "agent-form")
        page.click("dialog button[type=submit]")
        page.see(f"{name} is ready.")
        agent = next(a for a in self.world.api("GET", "/v1/agents?limit=200")["data"] if a["name"] == name)
        self.assertEqual((agent["model"], agent["tools"]), ("gpt-4o", ["view_class_schedule"]))

    def test_mistakes_stand_beside_their_fields(self):
        taken, page = self.world.agent(), self.open("/agents")
        page.click("button", "New agent")
        page.see("Instructions")
        page.click("dialog button[type=submit]")
        page.wait("document.querySelectorAll('dialog .field.invalid').length === 2")
        # What only the server knows: the name is taken.
        page.fill("dialog input[name=name]", taken["name"])
        page.fill("dialog textarea[name=system_prompt]", "Help.")
        page.click("dialog button[type=submit]")
        page.wait("document.querySelector('dialog .form-error')?.textContent || document.querySelector('dialog .field.invalid')")
        page.press("Escape")
        page.wait("!document.querySelector('dialog')")

    def test_search_and_filters_find_agents(self):
        agent, page = self.world.agent(enabled=False), self.open("/agents")
        page.fill("input[aria-label='Search agents']", agent["name"])
        page.wait("document.querySelectorAll('.agent-card').length === 1")
        page.see("Disabled")
        page.choose("select[aria-label='Whether they answer']", "true")
        page.see("No agent fits")

    def test_an_agent_is_switched_off_and_on(self):
        agent, page = self.world.agent(), self.open("/agents")
        switch = f"article[aria-label='{agent['name']}'] button[role=switch]"
        page.click(switch)
        page.see(f"{agent['name']} answers nobody now.")
        self.assertFalse(self.world.api("GET", f"/v1/agents/{agent['id']}")["enabled"])
        page.click(switch)
        page.see(f"{agent['name']} answers again.")

    def test_versions_are_compared_and_gone_back_to(self):
        agent = self.world.agent(system_prompt="First line.\nSecond line.\nThird line.")
        self.world.api("PATCH", f"/v1/agents/{agent['id']}", {"system_prompt": "First line.\nAnother line.\nThird line."})
        page = self.open(f"/agents/{agent['id']}")
        page.click("[role=tab]", "Versions")
        page.click("button", "Changes of version 2")
        page.see("Another line.")
        lines = page.evaluate("[...document.querySelectorAll('dialog .diff > div')].map((line) => line.className)")
        self.assertEqual(lines, ["same", "removed", "added", "same"])
        self.shot(page, "agent-versions")
        page.press("Escape")
        page.click("button", "Go back to version 1")
        page.click("dialog button", "Go back")
        page.see("Back to version 1.")
        again = self.world.api("GET", f"/v1/agents/{agent['id']}")
        self.assertEqual((again["version"], again["system_prompt"]), (3, agent["system_prompt"]))

    def test_an_agent_is_edited_and_others_changes_are_not_lost(self):
        agent = self.world.agent()
        page = self.open(f"/agents/{agent['id']}")
        page.click("button", "Edit")
        page.see("Instructions")
        # Somebody else is quicker.
        self.world.api("PATCH", f"/v1/agents/{agent['id']}", {"temperature": 0.1})
        page.fill("dialog input[name=description]", "Mine.")
        page.click("dialog button[type=submit]")
        page.see("The resource has changed")
        self.assertEqual(self.world.api("GET", f"/v1/agents/{agent['id']}")["temperature"], 0.1)
        page.press("Escape")
        page.click("button", "Edit")
        page.see("Instructions")
        page.fill("dialog input[name=description]", "Mine.")
        page.click("dialog button[type=submit]")
        page.wait("!document.querySelector('dialog')")
        page.see("Mine.")

    def test_deleting_asks_first(self):
        agent, page = self.world.agent(), self.open("/agents")
        page.click(f"article[aria-label='{agent['name']}'] button", "Delete")
        page.see("Nobody can talk to it any more")
        page.click("dialog button", "Cancel")
        page.wait("!document.querySelector('dialog')")
        page.click(f"article[aria-label='{agent['name']}'] button", "Delete")
        page.click("dialog button", "Delete the agent")
        page.see(f"{agent['name']} is deleted.")
        self.world.api("GET", f"/v1/agents/{agent['id']}", expect=404)
