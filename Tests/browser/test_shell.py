"""Signing in and out, and the frame around the pages."""

import json
import urllib.request

from world import BrowserTest, settled


class ShellTest(BrowserTest):
    def blank(self):
        """A browser that nobody is signed in with."""
        page = self.open()
        page.evaluate("fetch('/v1/dashboard/session', { method: 'DELETE', headers: { 'x-spotter-dashboard': '1' } }).then((a) => a.status)")
        page.goto("about:blank")
        page.goto(self.world.url + "/")
        page.find("input[type=password]")
        return page

    def test_a_bad_token_is_told_beside_the_field(self):
        page = self.blank()
        page.fill("input[type=password]", "spotter_live_nonsense")
        page.press("Enter")
        page.see("Is missing, mistyped, expired or revoked.")
        self.assertEqual(page.evaluate("document.activeElement.getAttribute('aria-invalid')"), "true")

    def test_files_have_the_dashboards_policy_once_and_count_against_nobody(self):
        page = self.blank()
        files = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
        self.assertGreater(len(files), 20)
        for address in [self.world.url + "/", *files[:3]]:
            with urllib.request.urlopen(address, timeout=30) as answer:
                policies = answer.headers.get_all("content-security-policy")
                self.assertEqual(len(policies), 1, address)
                self.assertIsNone(answer.headers["ratelimit"], address)
                if address.endswith("/"):
                    self.assertIn("script-src 'self'", policies[0])
                for name in ("x-content-type-options", "referrer-policy", "x-frame-options", "cache-control", "vary"):
                    self.assertEqual(len(answer.headers.get_all(name)), 1, f"{address} {name}")

    def test_the_token_is_kept_nowhere_in_the_browser(self):
        page = self.open()
        kept = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])")
        self.assertNotIn("spotter_live", kept)
        self.assertEqual(page.evaluate("document.cookie"), "")
        cookies = page.call("Network.getCookies")["cookies"]
        self.assertEqual([(c["httpOnly"], c["sameSite"]) for c in cookies], [(True, "Strict")])
        self.assertNotIn(self.world.token, json.dumps(cookies))

    def test_a_reload_stays_signed_in_and_signing_out_does_not(self):
        page = self.open("/agents")
        page.reload()
        settled(page)
        page.see("Support Assistant")
        page.click("button[aria-label='Sign out']")
        page.see("You are signed out.")
        page.reload()
        page.find("input[type=password]")

    def test_a_link_signs_in_once_and_leaves_the_address(self):
        page = self.blank()
        # The link that `spotter up` prints.
        page.goto(self.world.ready["dashboard"])
        settled(page)
        self.assertNotIn("sign-in", page.evaluate("location.href"))
        page.see("Iron Temple Gym")
        other = self.blank()
        other.goto(self.world.ready["dashboard"])
        other.see("This link was used before, or is too old.")

    def test_a_link_takes_nobodys_place_without_being_asked(self):
        page = self.open()
        before = self.session(page)
        page.goto("about:blank")
        page.goto(self.world.url + "/#/sign-in/v4.public.nothing")
        page.see("You are signed in as")
        page.click("dialog button", "Cancel")
        page.see("Support Assistant")
        self.assertEqual(self.session(page), before)
        self.assertNotIn("sign-in", page.evaluate("location.href"))
        # Who does want it, and has one that is no good, is told.
        page.evaluate("location.hash = '#/sign-in/v4.public.nothing'")
        page.click("dialog button", "Sign in by the link")
        page.see("This link was used before, or is too old.")

    def session(self, page):
        return [cookie["value"] for cookie in page.call("Network.getCookies")["cookies"]]

    def test_the_keyboard_reaches_the_content_first(self):
        page = self.open()
        page.evaluate("document.activeElement.blur()")
        page.press("Tab")
        self.assertEqual(page.evaluate("document.activeElement.textContent"), "Skip to the content")
        page.press("Enter")
        self.assertEqual(page.evaluate("document.activeElement.id"), "main")
        self.assertIn("#/agents", page.evaluate("location.hash"))

    def test_a_move_puts_the_focus_on_the_heading(self):
        page = self.open()
        page.click(".menu a", "Chat")
        page.wait("document.activeElement.localName === 'h1' || document.activeElement.matches('textarea')")

    def test_the_theme_is_chosen_and_remembered(self):
        page = self.open(prefers_color_scheme="light")
        bright = page.evaluate("getComputedStyle(document.body).backgroundColor")
        for _ in range(2):
            page.click("button[aria-label^='Theme']")
        page.wait("document.documentElement.dataset.theme === 'dark'")
        self.assertNotEqual(page.evaluate("getComputedStyle(document.body).backgroundColor"), bright)
        page.reload()
        settled(page)
        self.assertEqual(page.evaluate("document.documentElement.dataset.theme"), "dark")

    def test_the_menu_opens_on_a_phone(self):
        page = self.open(width=390, height=844, phone=True)
        self.assertFalse(page.evaluate("document.querySelector('.menu').checkVisibility()"))
        page.click("button[aria-label=Menu]")
        page.click(".menu a", "Chat")
        page.wait("location.hash === '#/chat' && !document.querySelector('.menu').checkVisibility()")

    def test_an_unknown_address_says_so(self):
        page = self.open()
        self.go(page, "/nowhere/at/all")
        page.see("There is nothing here")

    def test_a_page_without_the_scope_is_not_offered(self):
        token = self.world.api("POST", "/v1/tokens", {"name": "Reader", "role": "read_only"})["token"]
        page = self.open(token=token)
        self.assertNotIn("Hooks", page.evaluate("document.querySelector('.menu').innerText"))
        self.assertEqual(page.count("button.primary"), 0)
        self.go(page, "/hooks")
        page.see("Not for you")

    def test_events_arrive_without_asking(self):
        page = self.open()
        page.see("Live")
        # A status that somebody else sets shows by itself.
        agent = self.world.api("GET", "/v1/agents?limit=1&enabled=true")["data"][0]
        chip = f"document.querySelector('article[aria-label={json.dumps(agent['name'])}] .chip[data-state=offline]')"
        page.wait(f"!{chip}")
        self.world.api("PUT", f"/v1/agents/{agent['id']}/status", {"status": "offline"})
        page.wait(chip)
        self.world.api("PUT", f"/v1/agents/{agent['id']}/status", {"status": "available"})
        page.wait(f"!{chip}")

    def test_two_tabs_share_one_stream(self):
        first = self.open()
        second = self.world.browser.tab(first.context)
        self.pages.append(second)
        second.goto(self.world.url + "/#/agents")
        settled(second)
        second.see("Live")
        streams = sum("/v1/events" in address for page in (first, second) for address in page._addresses.values())
        self.assertEqual(streams, 1)
        agent = self.world.api("GET", "/v1/agents?limit=1&enabled=true")["data"][0]
        self.world.api("PUT", f"/v1/agents/{agent['id']}/status", {"status": "busy"})
        second.wait("document.querySelector('main.page .chip[data-state=busy]')")
        self.world.api("PUT", f"/v1/agents/{agent['id']}/status", {"status": "available"})

    def test_the_first_page_is_small_and_soon_there(self):
        page = self.open()
        page.transfers.clear()
        page.call("Network.clearBrowserCache")
        page.goto("about:blank")
        page.goto(self.world.url + "/#/agents")
        when = settled(page)
        total = sum(size for _, size in page.transfers)
        self.assertLess(total, 250_000)
        print(f"first page: {total // 1000} KB in {len(page.transfers)} answers, usable after {when:.0f} ms", flush=True)

    def test_nothing_but_the_catalogue_is_served(self):
        for path in ("/assets/x/..%2f..%2fPackage.swift", "/assets/x/index.html", "/dashboard/main.js"):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(self.world.url + path)
            self.assertEqual(refused.exception.code, 404)
            refused.exception.close()
