"""A model for the tests: it speaks OpenAI's Chat Completions and says what the last message of the user asks for.

- `say: TEXT`      the text, in two pieces
- `slowly: TEXT`   the first half; the rest when the test lets it go on (`Model.let_go`)
- `call: NAME {…}` a call of that tool, then `It is done.`; also within other words, such as those around a goal
- anything else    `You said: …`
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


CALL = re.compile(r"\bcall: (\w+) (\{.*\})")


class Model:
    def __init__(self):
        self._gates = {}
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))))
                outer.answer(self, body)

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def gate(self, text):
        """Holds back the second half of the answer to `slowly: text`."""
        with self._lock:
            return self._gates.setdefault(text, threading.Event())

    def let_go(self, text):
        self.gate(text).set()

    def answer(self, handler, body):
        words = next((text_of(m) for m in reversed(body["messages"]) if m["role"] == "user"), "").strip()
        has_result = body["messages"][-1]["role"] == "tool"
        pieces, call, held = [f"You said: {words}"], None, None
        if words.startswith("say: "):
            text = words[5:]
            pieces = [text[: len(text) // 2], text[len(text) // 2:]]
        elif words.startswith("slowly: "):
            text = words[8:]
            pieces, held = [text[: len(text) // 2], text[len(text) // 2:]], self.gate(text)
        elif found := CALL.search(words):
            name, arguments = found.groups()
            if has_result:
                pieces = ["It is done."]
            else:
                pieces, call = [], {"name": name, "arguments": arguments}
        if body.get("stream"):
            self.stream(handler, pieces, call, held)
        else:
            self.whole(handler, pieces, call, held)

    def stream(self, handler, pieces, call, held):
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()

        def write(data):
            line = f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            handler.wfile.flush()

        def chunk(delta, finish=None):
            return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
                    "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

        try:
            write(chunk({"role": "assistant", "content": ""}))
            for index, piece in enumerate(pieces):
                if index and held:
                    # Nobody waits for ever, whatever a test forgets.
                    held.wait(60)
                write(chunk({"content": piece}))
            if call:
                write(chunk({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": call}]}))
            write(chunk({}, "tool_calls" if call else "stop"))
            write({"id": "c", "object": "chat.completion.chunk", "model": "scripted", "choices": [],
                   "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}})
            write("[DONE]")
            handler.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            # The turn was cancelled: the server hung up.
            handler.close_connection = True

    def whole(self, handler, pieces, call, held):
        if held:
            held.wait(60)
        message = {"role": "assistant", "content": "".join(pieces) or None}
        if call:
            message["tool_calls"] = [{"id": "call_1", "type": "function", "function": call}]
        data = json.dumps({
            "id": "c", "object": "chat.completion", "created": 1, "model": "scripted",
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if call else "stop"}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}).encode()
        try:
            handler.send_response(200)
            handler.send_header("content-type", "application/json")
            handler.send_header("content-length", str(len(data)))
            handler.end_headers()
            handler.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            # The run was cancelled: the server hung up.
            handler.close_connection = True

    def close(self):
        for gate in self._gates.values():
            gate.set()
        self.server.shutdown()
        self.server.server_close()


def text_of(message):
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)
