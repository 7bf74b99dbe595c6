"""Whatever people and models write stays text: in names, messages, Markdown, addresses."""

import json

from world import BrowserTest

# Each tries to set window.pwned, in a way that works somewhere.
CORPUS = [
    "<script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>", "<iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
    "\"><img src=x onerror=window.pwned=1>", "'-window.pwned=1-'", "</textarea><img src=x onerror=window.pwned=1>",
    "</title><script>window.pwned=1</script>", "<details open ontoggle=window.pwned=1>", "<style>*{display:none}</style>",
    "<math><mtext></mtext><mglyph><style><img src=x onerror=window.pwned=1></style></mglyph></math>",
    "<a href=javascript:window.pwned=1>x</a>", "{{constructor.constructor('window.pwned=1')()}}", "${window.pwned=1}",
    "<template><script>window.pwned=1</script></template>", "<base href=//evil.test/>", "<object data=javascript:window.pwned=1>",
    "<meta http-equiv=refresh content='0;url=javascript:window.pwned=1'>", "<form action=javascript:window.pwned=1><button>x",
    "<input autofocus onfocus=window.pwned=1>", "&lt;script&gt;window.pwned=1&lt;/script&gt;", "__proto__", "\u202egnp.exe",
]
MARKDOWN = [
    "[x](javascript:window.pwned=1)", "[x](JaVaScRiPt:window.pwned=1)", "[x](java\tscript:window.pwned=1)", "[x](&#106;avascript:window.pwned=1)",
    "[x](data:text/html,<script>window.pwned=1</script>)", "[x](vbscript:x)", "<javascript:window.pwned=1>", "![x](javascript:window.pwned=1)",
    "![x](https://evil.test/pixel.png)", "[x](https://a.test \"onmouseover=window.pwned=1\")", "[x](https://a.test/\"onclick=window.pwned=1)",
    "[![x](x \"onerror=window.pwned=1\")](javascript:window.pwned=1)", "```html\n<script>window.pwned=1</script>\n```", "`<img src=x onerror=window.pwned=1>`",
    "| <img src=x onerror=window.pwned=1> | b |\n|---|---|\n| [x](javascript:window.pwned=1) | <script>window.pwned=1</script> |",
    "> <script>window.pwned=1</script>", "# <img src=x onerror=window.pwned=1>", "- <svg onload=window.pwned=1>", "https://a.test/<script>window.pwned=1</script>",
    "[x]: javascript:window.pwned=1\n\n[x]", "<a href='javascript:window.pwned=1'>x</a>", "[a](<javascript:window.pwned=1>)", "```\"onload=window.pwned=1\nx\n```",
]

# Scripts, pictures, frames and handlers that are not the page's own; links that run something.
INTRUDERS = """(() => {
  const found = []
  if (window.pwned !== undefined) found.push('a script ran')
  for (const node of document.querySelectorAll('body script, iframe, object, embed, body style, base, meta[http-equiv], form[action], template')) found.push(node.outerHTML.slice(0, 80))
  for (const node of document.querySelectorAll('img')) found.push(node.outerHTML.slice(0, 80))
  for (const node of document.querySelectorAll('a[href]')) if (!['http:', 'https:', 'mailto:', 'blob:'].includes(node.protocol)) found.push(node.outerHTML.slice(0, 80))
  for (const node of document.querySelectorAll('a[target=_blank]')) if (!node.rel.includes('noopener')) found.push(node.outerHTML.slice(0, 80))
  for (const node of document.querySelectorAll('*')) for (const { name } of node.attributes) if (name.startsWith('on')) found.push(name + ' ' + node.outerHTML.slice(0, 80))
  return found
})()"""


class StoredScriptTest(BrowserTest):
    def clean(self, page, where):
        self.assertEqual(page.evaluate(INTRUDERS), [], where)

    def test_names_and_texts_of_agents_stay_text(self):
        made = [self.world.agent(name=(text + f" {next(self.world.names)}")[-100:], description=text, role=text[:100], system_prompt=text,
                                 capabilities=[text[:60]], metadata={"examples": text}) for text in CORPUS if self.is_name(text)]
        self.assertGreater(len(made), 15)
        page = self.open("/agents")
        page.wait("document.querySelectorAll('.agent-card').length > 15")
        self.clean(page, "cards")
        for agent in made[:6]:
            self.go(page, f"/agents/{agent['id']}")
            page.see(agent["system_prompt"][:30])
            self.clean(page, agent["name"])
        page.click("button", "Edit")
        page.see("Tools")
        self.clean(page, "form")
        page.press("Escape")
        # The dock shows the newest agents, too.
        page.evaluate("document.querySelector('.face').click()")
        page.find(".chat-window")
        self.clean(page, "window")
        for agent in made:
            self.world.api("DELETE", f"/v1/agents/{agent['id']}")

    @staticmethod
    def is_name(text):
        return all(ord(letter) >= 0x20 and letter != "\u202e" for letter in text)

    def test_what_people_and_models_say_stays_text(self):
        agent = self.world.agent()
        conversation = self.world.api("POST", "/v1/conversations", {"agent_id": agent["id"], "title": CORPUS[1]})
        for text in CORPUS + MARKDOWN:
            self.world.api("POST", f"/v1/conversations/{conversation['id']}/messages", {"content": "say: " + text})
        page = self.open(f"/chat/{conversation['id']}")
        page.wait(f"document.querySelectorAll('.message').length === {2 * len(CORPUS + MARKDOWN)}")
        self.clean(page, "conversation")
        shown = page.evaluate("[...document.querySelectorAll('.message.user .bubble')].map((one) => one.textContent)")
        self.assertEqual(shown, ["say: " + text for text in CORPUS + MARKDOWN])
        answers = page.evaluate("[...document.querySelectorAll('.message.agent .bubble')].map((one) => one.textContent)")
        self.assertEqual(len(answers), len(shown))
        for text, answer in zip(CORPUS, answers):
            if not any(mark in text for mark in "`*_\\&"):
                self.assertEqual(answer.strip(), text.strip())
        self.shot(page, "xss")

    def test_arguments_and_results_of_tools_stay_text(self):
        agent = self.world.agent(tools=["store_data"])
        page = self.open(f"/chat?agent={agent['id']}")
        arguments = json.dumps({"key": "note", "value": "".join(CORPUS[:6])})
        page.fill("textarea.composer-field", f"call: store_data {arguments}")
        page.press("Enter")
        page.find(".approval button", "Allow")
        self.clean(page, "approval")
        page.click(".approval button", "Refuse")
        page.see("It is done.")
        page.click(".tool-call summary")
        self.clean(page, "tool call")

    def test_streamed_words_stay_text(self):
        agent = self.world.agent()
        page = self.open(f"/chat?agent={agent['id']}")
        text = "<img src=x onerror=window.pwned=1> and [x](javascript:window.pwned=1) <script>window.pwned=1</script>"
        page.fill("textarea.composer-field", "slowly: " + text)
        page.press("Enter")
        page.find(".message.live .bubble")
        self.clean(page, "half")
        self.world.model.let_go(text)
        page.wait("!document.querySelector('.message.live')")
        self.clean(page, "whole")

    def test_an_address_cannot_run_anything(self):
        page = self.open("/agents")
        for address in ("/chat/%3Cimg%20src=x%20onerror=window.pwned=1%3E", "/agents/javascript:window.pwned=1", "/agents?q=%3Csvg%20onload=window.pwned=1%3E",
                        "/<script>window.pwned=1</script>"):
            page.evaluate(f"location.hash = {json.dumps('#' + address)}")
            page.wait("!document.querySelector('main.page .loading')")
            self.clean(page, address)
        page.complaints.clear()  # An address that leads nowhere is told on the console.

    def test_hostile_markdown_is_read_in_time(self):
        page = self.open("/agents")
        took = page.evaluate("""import(document.querySelector('script[type=module]').src.replace('main.js', 'markdown.js')).then(({ markdown }) => {
          const hostile = ['*a '.repeat(30000), '['.repeat(50000), '> '.repeat(20000) + 'x', '`'.repeat(50000), '`a'.repeat(40000), '# ' + ' '.repeat(90000) + 'x', '|a'.repeat(30000) + '\\n|' + '-|'.repeat(30000),
            '- '.repeat(30000), '  - a\\n'.repeat(10000), '![a]('.repeat(20000), '_a__b_'.repeat(20000), '<http://a>'.repeat(8000), '***a**b*'.repeat(10000), '\\\\'.repeat(90000), '1. a\\n\\n'.repeat(20000), '[a](b "'.repeat(12000)]
          return hostile.map((text) => { const start = performance.now(); markdown(text); return Math.round(performance.now() - start) })
        })""", 60)
        self.assertLess(max(took), 3000, took)
