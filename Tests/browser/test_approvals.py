"""Approvals: what is asked about, exactly; decisions; questions."""

import json

from world import BrowserTest

HOSTILE = "<img src=x onerror=\\\"document.title='owned'\\\">"


class Approvals(BrowserTest):
    def ask(self, value="spin"):
        """A run that waits for leave to store something."""
        agent = self.world.agent(tools=["store_data"])
        task = self.world.api("POST", "/v1/tasks", {
            "title": 'call: store_data {"key": "favourite", "value": "%s"}' % value, "agent_id": agent["id"]})
        run = self.world.api("POST", f"/v1/tasks/{task['id']}/execute", {})["execution_id"]
        return run

    def card_of(self, run):
        return f"article:has(a[href='#/executions/{run}'])"

    def test_an_approval_comes_by_itself_and_shows_exactly_what_is_done(self):
        page = self.open("/approvals")
        run = self.ask(HOSTILE)
        card = self.card_of(run)
        page.find(card)
        page.wait(f"document.querySelector({card!r}).innerText.includes('onerror')")
        page.see("store_data")
        page.see("Decided by owner")
        self.shot(page, "approvals")
        page.fill(f"{card} textarea", "Go on.")
        page.click(f"{card} button", "Approve")
        page.wait(f"!document.querySelector({card!r})", what="an inbox without it")
        ended = self.world.api("GET", f"/v1/executions/{run}?wait_ms=10000")
        self.assertEqual(ended["state"], "completed")
        decided = self.world.api("GET", f"/v1/approvals?execution_id={run}")["data"][0]
        self.assertEqual(decided["decisions"][0]["comment"], "Go on.")
        self.assertNotEqual(page.evaluate("document.title"), "owned")

    def test_what_is_rejected_is_not_done_and_the_keyboard_is_enough(self):
        run = self.ask("yoga")
        page = self.open("/approvals")
        card = self.card_of(run)
        page.find(card)
        page.evaluate(f"document.querySelector({card!r} + ' textarea').focus()")
        page.type("Not now.")
        page.press("Tab")
        page.press("Tab")
        page.press("Enter")
        page.wait(f"!document.querySelector({card!r})")
        decided = self.world.api("GET", f"/v1/approvals?execution_id={run}")["data"][0]
        self.assertEqual(decided["state"], "rejected")

    def test_what_somebody_types_stays_while_others_come(self):
        first = self.ask("one")
        page = self.open("/approvals")
        card = self.card_of(first)
        page.find(card)
        page.fill(f"{card} textarea", "Half a thought")
        second = self.ask("two")
        page.find(self.card_of(second))
        self.assertEqual(page.evaluate(f"document.querySelector({card!r} + ' textarea').value"), "Half a thought")
        self.assertTrue(page.evaluate(f"document.querySelector({card!r}).contains(document.activeElement)"))

    def test_a_question_of_an_agent_is_answered_where_it_stands(self):
        agent = self.world.agent(tools=["ask_user"])
        for place in ("inbox", "run"):
            with self.subTest(place=place):
                question = self.world.name(f"Which day {HOSTILE[:4]}")
                task = self.world.api("POST", "/v1/tasks", {
                    "title": 'call: ask_user {"question": "%s", "options": ["Monday", "Friday"]}' % question,
                    "agent_id": agent["id"], "kind": "autonomous"})
                run = self.world.api("POST", f"/v1/tasks/{task['id']}/execute", {})["execution_id"]
                page = self.open("/approvals" if place == "inbox" else f"/executions/{run}")
                box = f".ask-card:has(a[href='#/executions/{run}'])" if place == "inbox" else "main .ask-card"
                page.find(box, question)
                self.shot(page, f"question-{place}")
                # Nothing is sent while nothing is said.
                page.click(f"{box} button", "Answer")
                page.wait(f"document.querySelector({json.dumps(box)} + ' textarea').matches(':invalid, [aria-invalid=true]')")
                # What there is to choose from is chosen by a press, and may still be changed.
                page.click(f"{box} button", "Friday")
                page.wait(f"document.querySelector({json.dumps(box)} + ' textarea').value === 'Friday'")
                page.fill(f"{box} textarea", "Tuesday <b>")
                page.click(f"{box} button", "Answer")
                page.wait(f"!document.querySelector({json.dumps(box)})", what="a page without the question")
                ended = self.world.api("GET", f"/v1/executions/{run}?wait_ms=10000")
                self.assertEqual(ended["state"], "completed")
                steps = self.world.api("GET", f"/v1/executions/{run}/steps")["data"]
                self.assertIn("Tuesday <b>", json.dumps([step["output"] for step in steps]))

    def test_a_question_is_answered_from_the_inbox(self):
        workflow = self.world.api("POST", "/v1/workflows", {
            "name": self.world.name("Asks"), "edges": [],
            "nodes": [{"id": "ask", "type": "wait", "config": {"question": "How many places?"}}]})
        run = self.world.api("POST", f"/v1/workflows/{workflow['id']}/executions", {})["execution_id"]
        page = self.open("/approvals")
        box = f".ask-card:has(a[href='#/executions/{run}'])"
        page.find(box)
        page.fill(f"{box} textarea", "Twelve")
        page.click(f"{box} button", "Answer")
        page.wait(f"!document.querySelector({box!r})")
        ended = self.world.api("GET", f"/v1/executions/{run}?wait_ms=10000")
        self.assertEqual(ended["state"], "completed")
