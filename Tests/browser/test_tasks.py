"""Tasks: the list, making and changing them, schedules, runs as they happen."""

import json

from world import BrowserTest, settled

HOSTILE = "<img src=x onerror=\"document.title='owned'\"> & \"Ana\""


class Tasks(BrowserTest):
    def task(self, **settings):
        agent = settings.pop("agent_id", None) or self.world.agent()["id"]
        return self.world.api("POST", "/v1/tasks", {
            "title": "say: All is well.", "agent_id": agent} | settings)

    def test_a_task_is_made_with_a_schedule_that_is_said_back_in_words(self):
        agent = self.world.agent()
        page = self.open("/tasks")
        title = self.world.name("Report")
        page.click("main button", "New task")
        page.fill("dialog [name=title]", title)
        page.fill("dialog [name=description]", "Sum the week up.")
        self.choose(page, "Agent", agent["id"])
        self.choose(page, "Runs", "schedule")
        page.see("Every Monday at 09:00")
        self.assertEqual(page.count("dialog .fires li"), 5)
        page.click("dialog .day", "Wednesday")
        page.wait("document.querySelector('dialog .code-field input').value === '0 9 * * MON,WED'")
        page.see("Wednesday")
        self.shot(page, "tasks-new")
        page.click("dialog button[type=submit]")
        page.find("main .row a", title)
        task = self.world.api("GET", f"/v1/tasks?q={title.replace(' ', '+')}")["data"][0]
        self.assertEqual(task["schedule"]["cron"], "0 9 * * MON,WED")
        self.assertEqual(task["agent_id"], agent["id"])
        self.assertEqual(task["schedule"]["timezone"], "America/New_York")

    def test_what_is_wrong_stands_at_its_field(self):
        self.world.agent()
        page = self.open("/tasks")
        page.click("main button", "New task")
        page.fill("dialog [name=title]", "   ")
        page.click("dialog button[type=submit]")
        page.wait("document.querySelector('dialog .field.invalid [name=title]')")
        page.see("Must not be blank.")
        self.assertEqual(page.evaluate("document.activeElement.name"), "title")
        self.choose(page, "Runs", "schedule")
        self.choose(page, "How often", "custom")
        page.fill("dialog .code-field input", "0 9 * * FUNDAY")
        page.wait("document.querySelector('dialog .field.invalid .field-error, dialog .code-field.invalid')")
        page.see("It does not fire like this.")

    def test_a_run_shows_its_states_without_anybody_asking_for_them(self):
        text = self.world.name("held")
        task = self.task(title=f"slowly: {text}")
        page = self.open("/tasks")
        page.find("main .row a", task["title"])
        page.click("main button.icon-button", f"Run {task['title']} now")
        page.wait(self.state_of(task, "running"), what="a task that runs")
        self.world.model.gate(text).set()
        page.wait(self.state_of(task, "completed"), what="a task that has ended")

    def test_a_task_that_is_made_or_deleted_elsewhere_shows_in_an_open_list(self):
        page = self.open("/tasks")
        task = self.task(title=self.world.name("Elsewhere"))
        page.find("main .row a", task["title"])
        other = self.world.name("Renamed")
        self.world.api("PATCH", f"/v1/tasks/{task['id']}", {"title": other})
        page.find("main .row a", other)
        self.world.api("DELETE", f"/v1/tasks/{task['id']}")
        page.wait(f"!document.querySelector('.row[data-key={task['id']}]')", what="a list without the task")

    def test_a_task_that_is_deleted_elsewhere_says_so_where_it_is_open(self):
        task = self.task()
        page = self.open(f"/tasks/{task['id']}")
        self.world.api("DELETE", f"/v1/tasks/{task['id']}")
        page.see("This task is deleted")

    def test_details_tell_the_history_and_the_schedule_can_be_paused(self):
        task = self.task(schedule={"cron": "30 6 * * MON-FRI"})
        page = self.open(f"/tasks/{task['id']}")
        page.see("every weekday")
        page.click("main button", "Run now")
        page.wait("document.querySelector('main .row [data-state=completed]')", what="the run in the history")
        page.click("main button", "Pause schedule")
        page.see("Paused: it does not run by itself.")
        self.assertFalse(self.world.api("GET", f"/v1/tasks/{task['id']}")["enabled"])
        self.shot(page, "tasks-detail")
        page.click("main .row a")
        page.see("What it came to")
        page.see("All is well.")

    def test_a_press_is_heard_also_while_the_page_is_drawn_anew(self):
        task = self.task(schedule={"cron": "30 6 * * MON-FRI"})
        page = self.open(f"/tasks/{task['id']}")
        place = page.find("main button", "Pause schedule")
        page.evaluate("window.__old = [...document.querySelectorAll('main button')].find((node) => node.textContent.includes('Pause'))")
        page.call("Input.dispatchMouseEvent", {"type": "mousePressed", **place, "button": "left", "clickCount": 1})
        # What happens meanwhile is shown in the history, and in the rest when the button is let go.
        self.world.api("POST", f"/v1/tasks/{task['id']}/execute", {})
        page.wait("document.querySelector('main .row [data-state=completed]')", what="the run in the history")
        self.assertTrue(page.evaluate("window.__old.isConnected"))
        page.call("Input.dispatchMouseEvent", {"type": "mouseReleased", **place, "button": "left", "clickCount": 1})
        page.see("Paused: it does not run by itself.")

    def test_a_task_is_changed_under_its_version_and_deleted_after_a_question(self):
        task = self.task(title=f"{HOSTILE} {self.world.name('x')}")
        page = self.open(f"/tasks/{task['id']}")
        page.see(task["title"])
        page.click("main button", "Edit")
        self.choose(page, "Priority", "critical")
        page.click("dialog button[type=submit]")
        page.wait("!document.querySelector('dialog')")
        page.see("Critical")
        self.assertEqual(self.world.api("GET", f"/v1/tasks/{task['id']}")["priority"], "critical")
        page.click("main button", "Delete")
        page.see("Runs that have not begun are cancelled.")
        page.click("dialog button", "Delete")
        page.wait("location.hash === '#/tasks'")
        settled(page)
        self.world.api("GET", f"/v1/tasks/{task['id']}", expect=404)
        self.assertNotEqual(page.evaluate("document.title"), "owned")

    def test_thousands_of_tasks_are_a_few_rows(self):
        agent = self.world.agent()
        for number in range(260):
            self.task(agent_id=agent["id"], title=f"Many {number}")
        page = self.open(f"/tasks?agent_id={agent['id']}")
        page.see("Many 259")
        # More is asked for as the end comes near, until there is no more.
        page.wait("(document.querySelector('.scroller').scrollTop = 1e7)"
                  " && [...document.querySelectorAll('.rows a')].some((link) => link.innerText === 'Many 0')")
        page.see("260 in all")
        self.assertLess(page.count("main .rows .row"), 80)

    # What the tests say.

    def choose(self, page, label, value):
        """Chooses in the select of the dialog that has this label."""
        page.wait(f"[...document.querySelectorAll('dialog .field')].some((field) => field.querySelector('.label')?.textContent.trim() === {json.dumps(label)})")
        page.evaluate(f"""(() => {{
            const field = [...document.querySelectorAll('dialog .field')].find((field) => field.querySelector('.label')?.textContent.trim() === {json.dumps(label)})
            const select = field.querySelector('select')
            select.value = {json.dumps(value)}
            select.dispatchEvent(new Event('change', {{ bubbles: true }}))
        }})()""")

    def state_of(self, task, state):
        return f"document.querySelector('.row[data-key={task['id']}] [data-state={state}]')"
