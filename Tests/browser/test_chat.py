"""Talking to agents: in windows at the bottom, and as a page."""

import json

from world import BrowserTest, Wire, settled


class ChatTest(BrowserTest):
    def talk(self, text=None, **options):
        """A page with a conversation of a new agent."""
        agent = self.world.agent(**options)
        page = self.open(f"/chat?agent={agent['id']}")
        page.find("textarea.composer-field")
        if text:
            self.say(page, text)
        return page, agent

    def say(self, page, text, place=""):
        page.fill(f"{place} textarea.composer-field", text)
        page.press("Enter")

    def answers(self, page):
        return page.evaluate("[...document.querySelectorAll('.message.agent .bubble')].map((one) => one.innerText.trim())")

    def ended(self, page):
        page.wait("document.querySelector('.composer-send[aria-label=Send]') && !document.querySelector('.message.live')"
                  " && document.querySelector('.message.agent')", what="the end of the answer")

    def test_an_answer_comes_with_its_cost_and_can_be_copied(self):
        page, _ = self.talk("say: Spin is at **six**.")
        self.ended(page)
        self.assertEqual(self.answers(page), ["Spin is at six."])
        self.assertEqual(page.evaluate("document.querySelector('.bubble strong').textContent"), "six")
        self.assertIn("$", page.evaluate("document.querySelector('.message.agent .meta').innerText"))
        page.click("button[aria-label='Copy the answer']")
        page.see("Copied")
        self.shot(page, "chat")

    def test_words_show_while_they_are_written_and_survive_a_reload(self):
        text = "One two three four. Five six seven eight nine."
        page, _ = self.talk("slowly: " + text)
        # The question says the same: what counts is that the answer has begun.
        page.wait("document.querySelector('.message.live .bubble')?.innerText.includes('One two three')")
        self.assertEqual(page.count("button[aria-label=Stop]"), 1)
        page.wait("location.hash.startsWith('#/chat/conv_')")
        page.reload()
        settled(page)
        # In the middle of the answer: what was written is there again, once.
        page.wait("document.querySelector('.message.live .bubble')?.innerText.includes('One two three')")
        self.assertEqual(page.evaluate("document.querySelector('.messages').innerText").count("One two"), 2, "the question and half of the answer")
        self.assertEqual(page.count(".message.user"), 1)
        self.world.model.let_go(text)
        self.ended(page)
        self.assertEqual(self.answers(page), [text])
        self.assertEqual(page.count(".message.user"), 1)

    def test_a_broken_connection_goes_on_where_it_stopped(self):
        text = "Alpha beta gamma delta. Epsilon zeta eta theta."
        wire = Wire(int(self.world.url.rsplit(":", 1)[1]))
        self.addCleanup(wire.close)
        agent = self.world.agent()
        page = self.open(f"/chat?agent={agent['id']}", url=wire.url)
        self.say(page, "slowly: " + text)
        page.see("Alpha beta")
        page.wait("document.querySelector('.message.live')?.dataset.execution?.startsWith('exec_')")
        for _ in range(3):
            wire.cut()
            page.see("Alpha beta")
        self.world.model.let_go(text)
        self.ended(page)
        self.assertEqual(self.answers(page), [text])

    def test_an_answer_is_stopped_and_what_was_said_stays(self):
        text = "A long story begins here and. Never ends because nobody listens."
        page, _ = self.talk("slowly: " + text)
        # In the answer: the question has the same words.
        page.wait("document.querySelector('.message.live')?.innerText.includes('A long story')", what="half an answer")
        page.click("button[aria-label=Stop]")
        page.see("Broken off")
        self.world.model.let_go(text)
        self.ended(page)
        self.assertEqual(self.answers(page), [text[: len(text) // 2].strip()])

    def test_the_last_answer_is_given_anew(self):
        page, _ = self.talk("say: Once.")
        self.ended(page)
        first = page.evaluate("document.querySelector('.message.agent').dataset.id")
        page.click("button[aria-label='Answer anew']")
        page.wait(f"document.querySelector('.message.agent')?.dataset.id && document.querySelector('.message.agent').dataset.id !== {json.dumps(first)}")
        self.ended(page)
        self.assertEqual(self.answers(page), ["Once."])

    def test_a_tool_call_unfolds(self):
        page, _ = self.talk('call: view_class_schedule {"from":"tomorrow"}', tools=["view_class_schedule"])
        self.ended(page)
        page.see("It is done.")
        page.click(".tool-call summary", "view_class_schedule")
        page.see("tomorrow")
        page.see("Result")
        self.shot(page, "chat-tool")

    def test_what_needs_a_yes_is_asked_in_the_conversation(self):
        call = 'call: store_data {"key":"note","value":"late shift"}'
        page, _ = self.talk(call, tools=["store_data"])
        page.find(".approval button", "Allow")
        page.see("late shift")
        self.shot(page, "chat-approval")
        page.reload()
        settled(page)
        page.click(".approval button", "Allow")
        self.ended(page)
        page.see("It is done.")

    def test_a_refusal_reaches_the_agent(self):
        page, _ = self.talk('call: store_data {"key":"other","value":"x"}', tools=["store_data"])
        page.click(".approval button", "Refuse")
        self.ended(page)
        page.see("It is done.")
        self.assertEqual(page.count(".tool-call.failed"), 1)

    def test_several_windows_are_open_at_once_and_come_back(self):
        page = self.open("/agents")
        page.click("article[aria-label='Support Assistant'] button", "Chat")
        self.say(page, "say: I am the first.", "[aria-label='Chat with Support Assistant']")
        page.wait("[...document.querySelectorAll('.bubble')].some((one) => one.innerText.trim() === 'I am the first.')")
        page.click("article[aria-label='Financial Analyst'] button", "Chat")
        page.wait("document.querySelectorAll('.chat-window').length === 2")
        box = page.evaluate("(({ width, height }) => [width, height])(document.querySelector('.chat-window').getBoundingClientRect())")
        self.assertEqual(box, [400, 600])
        self.shot(page, "chat-windows")
        page.click(".chat-window[aria-label='Chat with Financial Analyst'] button[aria-label=Minimise]")
        page.reload()
        page.wait("document.querySelectorAll('.chat-window').length === 2")
        page.wait("[...document.querySelectorAll('.bubble')].some((one) => one.innerText.trim() === 'I am the first.')")
        page.wait("document.querySelector(\".chat-window[aria-label='Chat with Financial Analyst']\").hidden")
        # Escape folds a window and gives the focus to its face.
        page.click("[aria-label='Chat with Support Assistant'] textarea")
        page.press("Escape")
        page.wait("document.activeElement.matches(\".face[aria-label='Chat with Support Assistant']\")")

    def test_a_window_fills_a_phone(self):
        page = self.open("/agents", width=390, height=844, phone=True)
        page.click("article[aria-label='Support Assistant'] button", "Chat")
        page.find(".chat-window")
        self.assertEqual(page.evaluate("document.querySelector('.chat-window').getBoundingClientRect().toJSON().width"), 390)
        self.assertEqual(page.evaluate("document.querySelector('.chat-window').getBoundingClientRect().height"), 844)
        self.shot(page, "chat-phone")

    def test_conversations_are_found_renamed_and_deleted(self):
        word = "kettlebell" + str(next(self.world.names))
        page, _ = self.talk(f"say: The {word} is gone.")
        self.ended(page)
        page.wait("location.hash.startsWith('#/chat/conv_')")
        identity = page.evaluate("location.hash.split('/')[2]")
        page.fill("input[type=search]", word)
        page.wait("document.querySelectorAll('.conversation-list a').length === 1")
        page.click("button[aria-label='Rename the conversation']")
        page.fill("dialog input[name=title]", "Lost and found")
        page.click("dialog button", "Rename")
        page.see("Renamed.")
        self.assertEqual(self.world.api("GET", f"/v1/conversations/{identity}")["title"], "Lost and found")
        page.click("button[aria-label='Delete the conversation']")
        page.click("dialog button", "Delete")
        page.see("Deleted.")
        self.world.api("GET", f"/v1/conversations/{identity}", expect=404)

    def test_a_turn_that_fails_says_why(self):
        page, agent = self.talk()
        # Between opening the page and speaking it was disabled.
        self.world.api("PATCH", f"/v1/agents/{agent['id']}", {"enabled": False})
        self.say(page, "say: Nobody.")
        page.see("disabled")
        # The words are given back.
        page.wait("document.querySelector('textarea.composer-field').value === 'say: Nobody.'")
