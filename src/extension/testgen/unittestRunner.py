"""Runs one unittest file and writes what became of each test as JSON lines: the library prints it for people only.

argv: path of the test file relative to the working directory, path of the report.
"""
import importlib.util
import json
import os
import sys
import traceback
import unittest


def load(path):
    """As `python -m unittest PATH` does, and by the file where the path is no dotted name."""
    parts = os.path.splitext(path)[0].split("/")
    if all(part.isidentifier() for part in parts):
        return unittest.defaultTestLoader.loadTestsFromName(".".join(parts))
    spec = importlib.util.spec_from_file_location(parts[-1].replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return unittest.defaultTestLoader.loadTestsFromModule(module)


class Result(unittest.TestResult):
    def __init__(self, report):
        super().__init__()
        self.report = report

    def say(self, test, status, error=None):
        # Tests of a file that cannot be imported are made up by the loader, and setUpClass has no method.
        name = getattr(test, "_testMethodName", None) or str(test)
        entry = {"name": name, "status": status, "message": "", "trace": ""}
        if isinstance(error, str):
            entry["message"] = error
        elif error is not None:
            kind, value, _ = error
            entry["message"] = f"{kind.__name__}: {value}"
            entry["trace"] = "".join(traceback.format_exception(*error))
        print(json.dumps(entry), file=self.report, flush=True)

    def addSuccess(self, test):
        self.say(test, "passed")

    def addFailure(self, test, err):
        self.say(test, "failed", err)

    def addError(self, test, err):
        self.say(test, "error", err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.say(test, "failed" if issubclass(err[0], test.failureException) else "error", err)

    def addSkip(self, test, reason):
        self.say(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        self.say(test, "passed")

    def addUnexpectedSuccess(self, test):
        self.say(test, "failed", "it passed unexpectedly")


def main(path, report_path):
    folder = os.getcwd()
    sys.path[:0] = [folder, os.path.join(folder, "src"), os.path.join(folder, os.path.dirname(path))]
    with open(report_path, "w", encoding="utf-8") as report:
        result = Result(report)
        try:
            suite = load(path)
        except BaseException as error:  # A file may end the program while it is imported.
            entry = {"name": os.path.basename(path), "status": "error", "message": f"{type(error).__name__}: {error}"}
            print(json.dumps(entry), file=report)
            return
        suite.run(result)


main(*sys.argv[1:])
