"""What an attack is: a change to a message that is otherwise accepted. Each table of attacks
(attacks_*.py) registers its own; test_wss_attacks.py runs them and writes the page."""
import re
from dataclasses import dataclass, field

from wss_message import Message

GROUPS = {}      # title: [Attack]
_group = [""]


@dataclass
class Attack:
    name: str
    does: str
    code: str                    # audit code, or "look:CODE" where an earlier stage refuses
    change: object               # change(message, world): the attack
    base: object = None          # base(message, world): what attack and twin have in common
    twin: object = None          # twin(message, world): what the twin has instead of the change
    twin_is: str = ""            # how the twin differs, when that is not "without it"
    signer: str = "sap"          # whose message it is
    ask: dict = field(default_factory=dict)         # of the probe, for both
    attack_ask: dict = field(default_factory=dict)  # for the attack alone
    at_most_us: int = 100000     # and so much for each megabyte


def group(title):
    GROUPS.setdefault(title, [])
    _group[0] = title


def attack(name, does, code, **choices):
    """Decorator: the function is the change."""
    def keep(function):
        GROUPS[_group[0]].append(Attack(name, does, code, function, **choices))
        return function
    return keep


def table(rows, code=None, **choices):
    """Attacks that edit the finished text: (name, does, code, old, new)."""
    for name, does, own, old, new in rows:
        def change(m, w, old=old, new=new):
            m.after = swap(old, new)
        GROUPS[_group[0]].append(Attack(name, does, own or code, change, **choices))


def swap(old, new, count=1):
    """A hook that puts new in the place of old, which must be there."""
    def edit(text):
        assert old in text, f"{old!r} is not in the message"
        return text.replace(old, new, count)
    return edit


def put_before(mark, text):
    return swap(mark, text + mark)


def put_after(mark, text):
    return swap(mark, mark + text)


def cut(text, begin, end):
    """(before, piece, behind) of the piece from begin through end."""
    at = text.index(begin)
    stop = text.index(end, at) + len(end)
    return text[:at], text[at:stop], text[stop:]


def message(world, signer):
    """An accepted message of this policy's partner."""
    return Message(signer=world.of.get(signer))


def build(entry, world, is_attack):
    m = message(world, entry.signer)
    if entry.base:
        entry.base(m, world)
    if is_attack:
        entry.change(m, world)
    elif entry.twin:
        entry.twin(m, world)
    return m.build()


def both(*functions):
    def run(m, w):
        for function in functions:
            function(m, w)
    return run


def element(text, name):
    """The first element of that qualified name, as text."""
    return re.search(rf"<{name}[ >].*?</{name}>", text, re.S).group(0)
