"""Every scenario by the first word of its path. `early` ones act before the body is read."""
from importlib import import_module

SCENARIOS = {}
TOPICS = ("content", "framing", "lying", "redirect", "size", "slow", "upload")


def scenario(name, early=False):
    def register(run):
        run.early = early
        SCENARIOS[name] = run
        return run
    return register


def load():
    for topic in TOPICS:
        import_module("scenarios." + topic)
    return SCENARIOS
