#!/usr/bin/env python3
"""Measures the dashboard: how soon and how small it opens, how 10,000 tasks scroll, what 500 open ones cost.

The program is the one that SPOTTER names, or .build/debug/spotter; figures that count come from a release build.
"""

import concurrent.futures
import os
import pathlib
import socket
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from world import settled, world  # noqa: E402
import world as shared  # noqa: E402

OPEN = 500
TASKS = 10_000
IDLE = 30


def memory(pid):
    """Resident bytes."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def seconds(pid):
    """Processor time that was used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def opening(one):
    page = one.open("/agents")
    times, sizes, counts = [], [], []
    for _ in range(7):
        page.call("Network.clearBrowserCache")
        page.goto("about:blank")
        page.transfers.clear()
        page.goto(one.url + "/#/agents")
        # When the cards were there, by the page's own clock, which begins with the navigation.
        times.append(settled(page))
        sizes.append(sum(size for _, size in page.transfers))
        counts.append(len(page.transfers))
    times.sort()
    warm = []
    for _ in range(7):
        page.reload()
        warm.append(settled(page))
    warm.sort()
    print(f"first page: {max(sizes) / 1000:.0f} KB in {max(counts)} requests; usable after {times[3]:.0f} ms with an empty cache, {warm[3]:.0f} ms with files at hand (medians of 7)")
    page.close()


def scrolling(one):
    agent = one.agent()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: one.api("POST", "/v1/tasks", {
            "title": f"Task {number:05}", "agent_id": agent["id"], "description": "say: Done."}), range(TASKS)))
    page = one.open("/tasks")
    page.find(".table .row[data-key]")
    result = page.evaluate("""new Promise((done) => {
      const scroller = document.querySelector('.table .scroller')
      const node = document.querySelector('.table')
      const frames = []
      let last = performance.now()
      const step = (now) => {
        frames.push(now - last)
        last = now
        scroller.scrollTop += 900
        const isEnd = scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 2
        if ((isEnd && node.querySelector('.table-foot').textContent.includes('in all')) || frames.length > 6000) {
          frames.sort((a, b) => a - b)
          done({ rows: node.rows.length, nodes: node.querySelectorAll('.rows > .row').length, frames: frames.length, p50: frames[frames.length >> 1], p99: frames[Math.floor(frames.length * 0.99)] })
        } else requestAnimationFrame(step)
      }
      requestAnimationFrame(step)
    })""", 300)
    print(f"scrolling: {result['rows']} rows, {result['nodes']} of them nodes; a frame takes {result['p50']:.1f} ms, p99 {result['p99']:.1f} ms ({result['frames']} frames)")
    page.close()


def resting(one):
    pid, port = one.process.pid, int(one.url.rsplit(":", 1)[1])
    request = (f"GET /v1/events HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept: text/event-stream\r\n"
               f"authorization: Bearer {one.token}\r\n\r\n").encode()
    before = memory(pid)
    ends = []
    for _ in range(OPEN):
        end = socket.create_connection(("127.0.0.1", port))
        end.sendall(request)
        # The first words of the stream: it is open.
        text = b""
        while b": spotter" not in text:
            text += end.recv(4096)
        ends.append(end)
    start = seconds(pid)
    threading.Event().wait(IDLE)
    used = seconds(pid) - start
    print(f"resting: {OPEN} dashboards open cost {(memory(pid) - before) / 1e6:.1f} MB and {100 * used / IDLE:.1f} % of a core, over {IDLE} s")
    for end in ends:
        end.close()


def main():
    try:
        one = world()
        for measure in (opening, resting, scrolling):
            measure(one)
    finally:
        shared.end()


if __name__ == "__main__":
    main()
