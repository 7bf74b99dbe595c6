"""Hooks: ways in with their secrets, deliveries, and taking them once more."""

import base64
import hashlib
import hmac
import json
import time
import urllib.request

from world import BrowserTest


class Hooks(BrowserTest):
    def send(self, path, secret, body, identity):
        """A message signed as Standard Webhooks are."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        stamp = str(int(time.time()))
        signature = base64.b64encode(hmac.new(key, f"{identity}.{stamp}.{body}".encode(), hashlib.sha256).digest()).decode()
        request = urllib.request.Request(self.world.url + path, data=body.encode(), method="POST", headers={
            "content-type": "application/json", "webhook-id": identity, "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature}"})
        return urllib.request.urlopen(request, timeout=30).status

    def test_a_way_in_is_made_used_and_used_again(self):
        agent = self.world.agent()
        name = self.world.name("Leads")
        page = self.open("/hooks")
        page.click("main button", "New way in")
        page.fill("dialog [name=name]", name)
        page.choose("dialog [name=agent_id]", agent["id"])
        page.fill("dialog [name=content]", "say: {{ payload.name }}")
        page.click("dialog button[type=submit]")
        page.see("This is shown once.")
        secret = page.evaluate("document.querySelector('[data-secret]').textContent")
        page.click("dialog button", "I have kept it")
        page.wait("location.hash.startsWith('#/hooks/hook_')")
        page.see(name)
        identity = page.evaluate("location.hash.split('/').at(-1)")
        hostile = "<b id=owned>Ana</b>"
        self.assertEqual(self.send(f"/v1/hooks/{identity}", secret, json.dumps({"name": hostile}), "msg_1"), 202)
        page.wait("document.querySelector('main .rows [data-state=accepted]')", what="the delivery")
        page.click("main .rows .row .cell [data-state=accepted]")
        page.click("dialog summary", "What was sent")
        page.see("Ana</b>")
        self.assertEqual(page.count("#owned"), 0)
        page.press("Escape")
        page.click("main button", "Take once more")
        page.wait("document.querySelectorAll('main .rows .row').length === 2", what="the second delivery")
        self.shot(page, "hook")
        self.assertNotIn(secret, page.text())

    def test_a_way_out_sends_tells_of_failures_and_sends_again(self):
        name = self.world.name("CRM")
        receiver = self.world.receiver
        page = self.open("/hooks")
        page.click("main button", "New way out")
        page.fill("dialog [name=name]", name)
        page.fill("dialog [name=url]", f"http://{receiver.address}/{name.replace(' ', '-')}")
        page.fill("dialog [name=events]", "custom.*")
        page.click("dialog button[type=submit]")
        page.see("This is shown once.")
        secret = page.evaluate("document.querySelector('[data-secret]').textContent")
        page.click("dialog button", "I have kept it")
        page.wait("location.hash.startsWith('#/hooks/hook_')")
        page.see(receiver.address)
        self.world.api("POST", "/v1/events", {"type": "custom.door.opened", "data": {"door": "<b id=owned>1</b>"}})
        page.wait("document.querySelector('main .rows [data-state=delivered]')", what="the delivery")
        receiver.refuses.set()
        try:
            self.world.api("POST", "/v1/events", {"type": "custom.door.closed", "data": {}})
            page.wait("document.querySelector('main .rows [data-state=pending]')?.closest('.row').textContent.includes('answered 503')",
                      what="the attempt that failed")
        finally:
            receiver.refuses.clear()
        self.shot(page, "hook-out")
        page.click("main .rows .row .cell [data-state=delivered]")
        page.find("dialog tbody tr")
        self.shot(page, "hook-out-delivery")
        page.press("Escape")
        self.assertNotIn(secret, page.text())
        path = f"/{name.replace(' ', '-')}"
        sent = [body["type"] for at, _, body in receiver.messages if at == path]
        self.assertIn("custom.door.opened", sent)

    def test_a_hook_is_changed_switched_off_and_deleted(self):
        agent = self.world.agent()
        made = self.world.api("POST", "/v1/hooks", {
            "name": self.world.name("Hook"), "style": "standard",
            "action": {"kind": "agent_message", "agent_id": agent["id"], "content": "Hello."}})
        page = self.open(f"/hooks/{made['id']}")
        page.click("main [role=switch]")
        page.wait("document.querySelector('main [role=switch][aria-checked=false]')?.textContent === 'Off'")
        page.click("main button", "Edit")
        page.fill("dialog [name=content]", "Good morning.")
        page.click("dialog button[type=submit]")
        page.see("Good morning.")
        now = self.world.api("GET", f"/v1/hooks/{made['id']}")
        self.assertEqual((now["enabled"], now["action"]["content"]), (False, "Good morning."))
        page.click("main button", "New secret")
        page.click("dialog button[type=submit]")
        page.see("This is shown once.")
        page.click("dialog button", "I have kept it")
        page.click("main button", "Delete")
        page.click("dialog button.danger")
        page.wait("location.hash === '#/hooks'")
        self.world.api("GET", f"/v1/hooks/{made['id']}", expect=404)
