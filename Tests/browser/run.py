#!/usr/bin/env python3
"""Runs the dashboard's tests: `run.py [-k NAME …]`. The program is .build/debug/spotter, or what SPOTTER names."""

import faulthandler
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import world  # noqa: E402

# All of it together: whatever hangs is told, and ended.
LONGEST = 600


def main():
    faulthandler.dump_traceback_later(LONGEST, exit=True)
    loader = unittest.TestLoader()
    arguments = sys.argv[1:]
    loader.testNamePatterns = [f"*{name}*" for name in arguments if name != "-k"] or None
    suite = loader.discover(str(pathlib.Path(__file__).resolve().parent), pattern="test_*.py")
    try:
        result = unittest.TextTestRunner(verbosity=2).run(suite)
    finally:
        world.end()
        faulthandler.cancel_dump_traceback_later()
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
