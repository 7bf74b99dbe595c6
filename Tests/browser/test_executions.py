"""Executions and workflows: runs with their steps, controls, answers, and graphs that are drawn."""

import json

from world import BrowserTest

HOSTILE = "<script>document.title='owned'</script>"

ASKS = {
    "description": "Asks, has somebody decide, then waits.",
    "variables": {"who": {"type": "string", "required": True}},
    "nodes": [
        {"id": "ask", "type": "wait", "name": "Which day?", "config": {"question": "Which day suits {{vars.who}}?"}},
        {"id": "allow", "type": "human_approval", "name": "May we call?",
         "config": {"message": "Call {{vars.who}}?", "approvers": ["role:owner"], "timeout_ms": 600000}},
        {"id": "rest", "type": "wait", "config": {"duration_ms": 600000}}],
    "edges": [{"from": "ask", "to": "allow"}, {"from": "allow", "to": "rest"}],
}


class Executions(BrowserTest):
    def run_of_task(self, words, **settings):
        agent = self.world.agent()
        task = self.world.api("POST", "/v1/tasks", {
            "title": words, "agent_id": agent["id"]} | settings)
        return self.world.api("POST", f"/v1/tasks/{task['id']}/execute", {})["execution_id"]

    def workflow(self, name=None):
        return self.world.api("POST", "/v1/workflows", ASKS | {"name": name or self.world.name("Workflow")})

    def begin(self, workflow, who="Ana"):
        path = f"/v1/workflows/{workflow['id']}/executions"
        return self.world.api("POST", path, {"input": {"who": who}})["execution_id"]

    def test_a_run_tells_its_steps_with_what_went_in_and_came_out(self):
        run = self.run_of_task('call: search_classes {"query": "spin"}')
        page = self.open(f"/executions/{run}")
        page.see("search_classes")
        page.see("It is done.")
        page.click("main .step.of-tool summary", "Arguments")
        page.wait("document.querySelector('main .step.of-tool details[open] code')?.innerText.includes('spin')")
        page.see("Tokens")
        self.shot(page, "execution", whole=True)

    def test_the_list_names_the_workflow_of_a_run(self):
        workflow = self.workflow(self.world.name("Trial <b>"))
        run = self.begin(workflow)
        page = self.open("/executions")
        page.click("main .row", f"Workflow: {workflow['name']}")
        page.wait(f"location.hash === '#/executions/{run}'")
        page.find("[data-node=ask]")

    def test_a_run_that_goes_on_is_followed_and_ended(self):
        text = self.world.name("long words")
        run = self.run_of_task(f"slowly: {text}")
        page = self.open(f"/executions/{run}")
        page.click("main button", "Cancel")
        page.see("What was done stays done.")
        page.click("dialog button.danger")
        page.wait("document.querySelector('main .page-head [data-state=cancelled]')", what="a cancelled run")
        self.world.model.let_go(text)

    def test_the_graph_of_a_run_changes_as_people_answer(self):
        run = self.begin(self.workflow(), HOSTILE)
        page = self.open(f"/executions/{run}")
        page.wait("document.querySelector('[data-node=ask].is-running')", what="the node that asks")
        page.see(f"Which day suits {HOSTILE}?")
        page.fill("main .ask-card textarea", "Tuesday")
        page.click("main .ask-card button", "Answer")
        page.wait("document.querySelector('[data-node=ask].is-completed')", what="the node that has asked")
        page.wait("document.querySelector('[data-node=allow].is-running')")
        page.click("main .approval-card button", "Approve")
        page.wait("document.querySelector('[data-node=rest].is-running')", what="the last node")
        self.shot(page, "execution-graph", whole=True)
        page.click("main button", "Pause")
        page.wait("document.querySelector('main .page-head [data-state=paused]')")
        page.click("main button", "Resume")
        page.wait("document.querySelector('main .page-head [data-state=waiting]')")
        self.assertNotEqual(page.evaluate("document.title"), "owned")

    def test_the_list_shows_new_runs_by_itself_and_filters(self):
        page = self.open("/executions")
        run = self.run_of_task("say: Hello.")
        page.wait(f"document.querySelector('.row[data-key={run}] [data-state=completed]')", what="the new run")
        page.choose("main select[aria-label=State]", "failed")
        page.wait(f"!document.querySelector('.row[data-key={run}]')")
        self.assertIn("state=failed", page.evaluate("location.hash"))

    def test_a_workflow_is_drawn_started_and_kept_in_versions(self):
        workflow = self.workflow()
        page = self.open(f"/workflows/{workflow['id']}")
        self.assertEqual(page.count("main .graph-node"), 3)
        page.click("main .graph-node[data-node=ask]")
        page.see("Which day suits {{vars.who}}?")
        page.click("main button", "Start")
        page.fill("dialog [name=who]", "Ben")
        page.click("dialog button[type=submit]")
        page.wait("location.hash.startsWith('#/executions/')")
        page.see("Which day suits Ben?")
        self.world.api("PUT", f"/v1/workflows/{workflow['id']}", ASKS | {"name": "Another name"})
        self.go(page, f"/workflows/{workflow['id']}")
        page.click("[role=tab]", "Versions")
        page.click("main button", "Go back")
        page.click("dialog button", "Go back")
        page.see("Versions (3)")

    def test_what_is_wrong_with_a_document_is_said_with_its_place(self):
        page = self.open("/workflows?tab=check")
        document = ASKS | {"name": "Wrong", "edges": [{"from": "ask", "to": "nowhere"}]}
        page.fill("main textarea", json.dumps(document))
        page.click("main form button[type=submit]")
        page.see("/edges/0/to")
        self.assertEqual(page.count("main .graph-node"), 3)
        page.fill("main textarea", json.dumps(ASKS | {"name": "Right"}))
        page.click("main form button[type=submit]")
        page.see("It is fine.")
        self.shot(page, "workflow-check")

    def test_a_template_becomes_a_workflow(self):
        page = self.open("/workflows?tab=templates")
        page.click("main .card button", "Use Lead follow-up")
        name = self.world.name("From a template")
        page.fill("dialog [name=_name]", name)
        page.click("dialog button[type=submit]")
        page.wait("location.hash.startsWith('#/workflows/wf_')")
        page.see(name)
        page.wait("document.querySelectorAll('main .graph-node').length > 3")
