#!/usr/bin/env python3
"""Runs the dashboard's tests: `run.py [-k NAME …]`. The program is .build/debug/spotter, or what SPOTTER names."""

import faulthandler
import os
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import world  # noqa: E402

# All of it together: whatever hangs is told, and ended.
LONGEST = int(os.environ.get("SPOTTER_BROWSER_SECONDS", "600"))


class Result(unittest.TextTestResult):
    """Tells what failed at once, and not only when all is over."""

    def addError(self, test, error):
        super().addError(test, error)
        self.stream.writeln(self.errors[-1][1])

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.stream.writeln(self.failures[-1][1])

    def printErrors(self):
        self.stream.writeln()


def main():
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    loader = unittest.TestLoader()
    arguments = sys.argv[1:]
    loader.testNamePatterns = [f"*{name}*" for name in arguments if name != "-k"] or None
    suite = loader.discover(str(pathlib.Path(__file__).resolve().parent), pattern="test_*.py")
    try:
        result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
    finally:
        world.end()
        faulthandler.cancel_dump_traceback_later()
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
