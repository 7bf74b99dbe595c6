"""Usage: pictures with their figures, budgets, the statement."""

from world import BrowserTest


class Usage(BrowserTest):
    def spend(self):
        agent = self.world.agent()
        conversation = self.world.api("POST", "/v1/conversations", {"agent_id": agent["id"]})
        self.world.api("POST", f"/v1/conversations/{conversation['id']}/messages", {"content": "say: Hello."})
        return agent

    def test_what_was_spent_is_drawn_and_told(self):
        agent = self.spend()
        page = self.open("/usage")
        page.see(agent["name"])
        page.wait("document.querySelector('main .chart-bar')", what="a bar")
        self.assertIn("highest", page.evaluate("document.querySelector('main .chart-picture').getAttribute('aria-label')"))
        page.click("main .as-table summary")
        self.assertEqual(page.count("main .as-table[open] tbody tr"), 30)
        page.choose("main select[aria-label=Measure]", "tokens")
        page.see("Tokens by agent")
        self.shot(page, "usage", whole=True)

    def test_a_budget_is_set_changed_and_taken_away(self):
        agent = self.spend()
        page = self.open("/usage?tab=budgets")
        page.click("main button", "New budget")
        page.choose("dialog [name=scope]", "agent")
        page.choose("dialog [name=agent_id]", agent["id"])
        page.fill("dialog [name=amount]", "a lot")
        page.click("dialog button[type=submit]")
        page.wait("document.querySelector('dialog .field.invalid [name=amount]')", what="what is wrong with the amount")
        page.fill("dialog [name=amount]", "25.00")
        page.click("dialog button[type=submit]")
        page.see(f"{agent['name']}, each month")
        page.see("of $25.00")
        page.click("main button", f"Change the budget of {agent['name']}")
        page.fill("dialog [name=amount]", "30.00")
        page.click("dialog button[type=submit]")
        page.see("of $30.00")
        self.shot(page, "budgets")
        page.click("main button", f"Take the budget of {agent['name']}")
        page.click("dialog button.danger")
        page.wait(f"!document.body.innerText.includes('of $30.00')")

    def test_the_statement_has_its_lines_and_is_taken_away_as_csv(self):
        agent = self.spend()
        page = self.open("/usage?tab=statement")
        page.see("Download CSV")
        page.find("main table tr", agent["name"])
        page.find("main .rows .row")
        text = page.evaluate("""fetch(document.querySelector('a[download]').href).then((answer) => answer.text())""")
        self.assertGreater(len(text.splitlines()), 1)
        self.shot(page, "statement", whole=True)
