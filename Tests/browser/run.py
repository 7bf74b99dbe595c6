#!/usr/bin/env python3
"""Runs the dashboard's tests: `run.py [-k NAME …]`. The program is .build/debug/spotter, or what SPOTTER names.

All of them together are run by two processes, each with a server and a browser of its own, so that they cannot disturb
each other; SPOTTER_BROWSER_PROCESSES says how many there shall be. What fails is tried once more.
"""

import collections
import faulthandler
import os
import pathlib
import signal
import subprocess
import sys
import threading
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import world  # noqa: E402

# All of it together: whatever hangs is told, and ended.
LONGEST = int(os.environ.get("SPOTTER_BROWSER_SECONDS", "600"))
PROCESSES = int(os.environ.get("SPOTTER_BROWSER_PROCESSES", "2"))


class Result(unittest.TextTestResult):
    """Tells what failed at once, and not only when all is over."""

    def addError(self, test, error):
        super().addError(test, error)
        self.stream.writeln(self.errors[-1][1])

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.stream.writeln(self.failures[-1][1])

    def addSubTest(self, test, subtest, error):
        before = len(self.failures) + len(self.errors)
        super().addSubTest(test, subtest, error)
        if len(self.failures) + len(self.errors) > before:
            kept = self.failures if issubclass(error[0], test.failureException) else self.errors
            self.stream.writeln(kept[-1][1])

    def printErrors(self):
        self.stream.writeln()

    def failed(self):
        """The names of the tests that failed; subtests count as the test that they are of."""
        tests = [getattr(test, "test_case", test) for test, _ in self.failures + self.errors]
        return list(dict.fromkeys(test.id() for test in tests))


def too_long(*_):
    faulthandler.dump_traceback()
    # The one thing that passes through a test: the servers are still to be ended.
    raise KeyboardInterrupt(f"the tests took longer than {LONGEST} s")


def run(suite):
    """Runs the tests, and those that fail a second time: whether all have passed."""
    signal.signal(signal.SIGALRM, too_long)
    signal.signal(signal.SIGTERM, too_long)
    signal.alarm(LONGEST)
    faulthandler.dump_traceback_later(LONGEST + 60, exit=True)
    try:
        first = attempt(suite)
        if first.wasSuccessful():
            return True
        # A name without a class stands for a file that cannot be read, or a server that does not start.
        names = first.failed()
        if any(name.startswith(("setUp", "unittest.")) for name in names):
            return False
        second = attempt(unittest.TestLoader().loadTestsFromNames(names))
        steady = set(second.failed())
        for name in names:
            print(f"FAILED TWICE: {name}" if name in steady else f"Passed at the second try only, not steady: {name}")
        return second.wasSuccessful()
    finally:
        world.end()
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()


def attempt(suite):
    return unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=Result).run(suite)


def each(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from each(item)
        else:
            yield item


def parts(suite, count):
    """The classes of tests, spread so that each part has about as many tests."""
    classes = collections.defaultdict(list)
    for test in each(suite):
        classes[type(test)].append(test.id())
    found = [[] for _ in range(count)]
    for names in sorted(classes.values(), key=len, reverse=True):
        min(found, key=len).extend(names)
    return [names for names in found if names]


def side_by_side(suite):
    """Runs the parts in processes of their own, and tells what each says, line by line."""
    lock = threading.Lock()

    def tell(process):
        for line in process.stdout:
            with lock:
                print(line, end="", flush=True)

    processes = [
        subprocess.Popen([sys.executable, __file__, "--these", *names], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
        for names in parts(suite, PROCESSES)]
    tellers = [threading.Thread(target=tell, args=(process,)) for process in processes]
    for teller in tellers:
        teller.start()
    try:
        for teller in tellers:
            teller.join()
    except BaseException:
        for process in processes:
            process.terminate()
        raise
    codes = [process.wait() for process in processes]
    print("OK: every test has passed" if not any(codes) else f"FAILED: the processes ended with {codes}")
    return not any(codes)


def main():
    arguments = sys.argv[1:]
    loader = unittest.TestLoader()
    if arguments[:1] == ["--these"]:
        return run(loader.loadTestsFromNames(arguments[1:]))
    loader.testNamePatterns = [f"*{name}*" for name in arguments if name != "-k"] or None
    suite = loader.discover(str(HERE), pattern="test_*.py")
    if arguments or PROCESSES < 2 or loader.errors:
        return run(suite)
    return side_by_side(suite)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(0 if main() else 1)
