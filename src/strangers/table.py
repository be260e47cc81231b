"""What came out, by who did it and by case."""

import shutil

OK = "ok"
DIFFERENCE = "DIFFERENCE"
MISSING = "not installed"
LEFT_OUT = "left out"


class Difference(Exception):
    """A case came out in another way than it should."""


class LeftOut(Exception):
    """A case cannot be tried here, and says why."""


def expect(condition, message):
    if not condition:
        raise Difference(message)


class Table:
    def __init__(self):
        self.rows = {}
        self.notes = []
        self.missing = set()

    def section(self, title):
        print(f"\n== {title}", flush=True)

    def has(self, program, package):
        """Whether the program is there; if not, the package is named in the end."""
        if shutil.which(program):
            return True
        self.missing.add(package)
        return False

    def case(self, who, case, attempt):
        """Tries it, and prints the outcome."""
        try:
            outcome, note = OK, attempt() or ""
        except LeftOut as reason:
            outcome, note = LEFT_OUT, str(reason)
        except Difference as difference:
            outcome, note = DIFFERENCE, str(difference)
        except Exception as failure:  # whatever a stranger does is an outcome, and the others have their turn
            outcome, note = DIFFERENCE, f"{type(failure).__name__}: {failure}"
        self.add(who, case, outcome, note)

    def absent(self, who, cases):
        for case in cases:
            self.add(who, case, MISSING, "")

    def add(self, who, case, outcome, note):
        self.rows.setdefault(who, {})[case] = outcome
        if outcome in (DIFFERENCE, LEFT_OUT):
            self.notes.append(f"{outcome}: {who}, {case}: {note}")
        print(f"{who:<24} {case:<44} {outcome:<14} {note if outcome != MISSING else ''}".rstrip(), flush=True)

    def summary(self):
        outcomes = [outcome for cases in self.rows.values() for outcome in cases.values()]
        lines = ["", "== Summary", ", ".join(f"{outcomes.count(one)} {one}" for one in (OK, DIFFERENCE, MISSING, LEFT_OUT))]
        if self.missing:
            lines.append("not installed: " + ", ".join(sorted(self.missing)))
        return "\n".join(lines + self.notes)

    def status(self):
        return 1 if any(outcome == DIFFERENCE for cases in self.rows.values() for outcome in cases.values()) else 0
