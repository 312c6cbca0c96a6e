"""Every attack on WS-Security that we know, through the reader of messages (wss_probe). Each must be
refused with its own audit code, so that a refusal for another reason cannot pass for success; and each
has a twin that differs only by the attack and must be accepted in the same run.

    test_wss_attacks.py             runs them, and says whether docs/security/ws-security.md is current
    test_wss_attacks.py --write     runs them and writes the page
    test_wss_attacks.py --only TEXT those whose name holds TEXT; shows what was said
"""
import os
import re
import sys

import attacks_cost
import attacks_encryption
import attacks_octets

import attacks_parts
import attacks_sender
import attacks_signature
import attacks_wrapping
import wss_accepted
import wss_harmless

import wss_page
from wss_attack import GROUPS, build
from wss_world import Probe, World, is_taken

LOADED = (attacks_octets, attacks_wrapping, attacks_signature, attacks_sender,
          attacks_encryption, attacks_parts, attacks_cost)
TIMED = 5                   # readings of a message; the shortest counts
LONG = 500000               # octets; such a message is read that often only when it seems slow
SLOWER = 100 if os.environ.get("KONTOR_SANITIZED") else 1


class Runner:
    def __init__(self, world, probe, shows=False):
        self.world, self.probe, self.shows = world, probe, shows
        self.wrong = []
        self.taken = {}      # octets of twins that were accepted

    def complain(self, entry, text):
        self.wrong.append(f"{entry.name}: {text}")

    def ask(self, wire, ask, repeat=1):
        return self.probe.open(wire, repeat=repeat, **ask)

    def check_twin(self, entry):
        wire = build(entry, self.world, False)
        key = (wire.octets, repr(entry.ask))
        if key in self.taken:
            return
        answer = self.ask(wire, entry.ask)
        if not is_taken(answer):
            self.complain(entry, f"its twin was refused: {answer['look']} {answer['code']} "
                          f"{answer.get('failed_says', '')}{answer.get('look_says', '')}"
                          f"{answer.get('believed_says', '')}")
        elif not answer["secured"]:
            self.complain(entry, "nobody would have looked at its twin's security")
        elif not answer["replay"] and entry.signer != "text":
            self.complain(entry, "its twin has no replay key")
        self.taken[key] = True

    def check_attack(self, entry):
        """Microseconds that the refusal took, and for how many octets."""
        wire = build(entry, self.world, True)
        ask = {**entry.ask, **entry.attack_ask}
        limit = (entry.at_most_us // 10 + entry.at_most_us * len(wire.octets) // 1000000) * SLOWER
        answer = self.ask(wire, ask, 1 if len(wire.octets) > LONG else TIMED)
        if answer["us"] > limit:
            answer = self.ask(wire, ask, TIMED)
        code = answer["code"]
        if entry.code.startswith("look:"):
            code = "look:" + answer["look"]
        elif answer["rc"] == "OK":
            self.complain(entry, f"ACCEPTED (look: {answer['look']})")
        if code not in entry.code.split(" or "):
            self.complain(entry, f"{code} where {entry.code} is due: "
                          f"{answer.get('failed_says', '')}")
        if answer["rc"] != "OK" and (answer["xml"] or answer["replay"]):
            self.complain(entry, "something of it is handed on")
        if answer["rc"] not in ("OK", "REJECT"):
            self.complain(entry, f"it ended with {answer['rc']}")
        if answer["us"] > limit:
            self.complain(entry, f"it took {answer['us']} us of {limit} for {len(wire.octets)}")
        if self.shows:
            print(f"{entry.name}: {code}, {answer['us']} us, {len(wire.octets)} octets; "
                  f"{answer.get('failed_says', '')}")
        return answer["us"], len(wire.octets)

    def run(self, wanted=""):
        costs = {}
        GROUPS["Cost"] = GROUPS.pop("Cost")      # last on the page
        for title, entries in GROUPS.items():
            names = [e.name for e in entries]
            for name in sorted({n for n in names if names.count(n) > 1}):
                self.wrong.append(f"{title}: two attacks are named {name}")
            for entry in entries:
                if wanted and wanted not in entry.name:
                    continue
                try:
                    self.check_twin(entry)
                    costs[title, entry.name] = self.check_attack(entry)
                except AssertionError:
                    raise
                except Exception as problem:  # pylint: disable=broad-except
                    self.complain(entry, f"it cannot be made: {problem!r}")
        return costs


def without_attack():
    """Codes that no attack shows. What was seen before is known by who keeps what was seen, and what
    the connection says, or that it is no message, by the door."""
    with open(os.path.join(wss_page.ROOT, "src/wire/wss_codes.def"), encoding="utf-8") as f:
        codes = set(re.findall(r'^CODE\(\w+,\s*"([a-z0-9.-]+)"', f.read(), re.M))
    of_others = {"replay", "connection.missing", "connection.other", "security.plain"}
    shown = {entry.code for entries in GROUPS.values() for entry in entries}
    return [f"no attack shows the code {code}" for code in sorted(codes - shown - of_others)]


def main():
    wanted = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    world = World()
    probe = Probe(world.folder)
    try:
        runner = Runner(world, probe, shows=bool(wanted))
        costs = runner.run(wanted)
        harmless, wrong = wss_harmless.run(world, probe, wanted)
        runner.wrong += wrong
        accepted, wrong = wss_accepted.run(world, probe, wanted)
        runner.wrong += wrong
        code, said = probe.close()
        if code != 0:
            runner.wrong.append(f"wss_probe ended with {code}: {said}")
    finally:
        world.close()
    if not wanted:
        runner.wrong += without_attack()
    if not wanted and not runner.wrong:
        runner.wrong += wss_page.attacks(costs, harmless, "--write" in sys.argv)
    for line in runner.wrong:
        print(line)
    print(f"{len(costs)} attacks, {len(runner.taken)} twins, {len(harmless)} harmless changes, "
          f"{accepted} accepted forms, "
          f"{len(runner.wrong)} complaints")
    sys.exit(1 if runner.wrong or not costs and not wanted else 0)
if __name__ == "__main__":
    main()
