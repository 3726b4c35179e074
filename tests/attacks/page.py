"""docs/attacks.md, written from what the attacks came to."""

from __future__ import annotations

from attacks.acts import ATTACKS, Attack
from attacks.results import Compromise, Result
from attacks.stage import Stage

HEAD = """\
# Attacks on the audit log, and what is seen of them

This page is written by running the attacks: `make attacks`. A test runs them all again, on SQLite and on
PostgreSQL, and fails when any comes out otherwise than it stands here.

Each attack is done to a log of a hundred minutes by somebody who may do anything to the database (drop
triggers, change tables); in the columns with the key, by somebody who can sign as well, and who computes and
signs everything anew above what was changed. Then `compliance audit verify --full` is run. The cells hold the
most telling of what it finds: INVALID or missing (exit code 1), or gap (told, exit code 0), with the check
that found it. *Elsewhere* is a place that the attacker cannot reach: a bucket with Object Lock in somebody
else's account. An authority states the time in all columns; in the last one its statements are kept
elsewhere, and nothing else is.

"""

MEANING = """
- **INVALID**: something is there that should not be, or is not what it was. **missing**: something is not
  there that should be.
- **gap**: nothing contradicts the log, but for some time nothing speaks for it. After a crash there is such a
  gap too; it is for a person to say why.
- **not seen**: the check says "valid".

The column *database and key* is what a log without copies is worth against its own administrator. It is
better for whoever checked the log before from another machine: the checkpoint that was found valid then lies
there (`verified.note`), and works like an anchor.

## What is done

"""

MISSES = """
## What is not seen, and why

"""

TAIL = """
## What no check can see

- **What was never written.** The service writes an event in the transaction of the act. A service whose
  program was changed beforehand may leave it out or write something false; the log keeps that faithfully.
- **The last minute.** Until a checkpoint has left the machine, it is only as safe as the machine.
- **Who is behind a key or an account.** The log says which token or user number acted.
- **All places at once.** Whoever has the database, the key, and every place where copies lie can write any
  history. Time stamps are the last thing left then: nobody here can have an authority state a past time.

SQLite's triggers stop a mistake, not an administrator: who may open the file may drop them. In PostgreSQL the
service's role may not, but the owner of the tables may. In the table above every attacker may.
"""


EVERYWHERE = {" / ".join(each.value for each in Compromise): "everywhere"}


def page(stage: Stage) -> str:
    """The whole page."""
    results = {attack.name: stage.results(attack) for attack in ATTACKS}
    return "".join((HEAD, _table(results), MEANING, *map(_done, ATTACKS), MISSES, *_misses(results), TAIL))


def _table(results: dict[str, dict[Compromise, Result]]) -> str:
    heads = "".join(f" | {each.value}" for each in Compromise)
    rows = "".join(
        f"| {name} | {' | '.join(str(found[each]) for each in Compromise)} |\n"
        for name, found in results.items()
    )
    return f"| attack{heads} |\n|{' --- |' * (1 + len(Compromise))}\n{rows}"


def _done(attack: Attack) -> str:
    return f"- **{attack.name}**: {attack.does}.\n"


def _misses(results: dict[str, dict[Compromise, Result]]) -> list[str]:
    """Where attacks go unseen, and why; those with the same reason together."""
    missed: dict[tuple[str, str], list[str]] = {}
    for attack in ATTACKS:
        seen = results[attack.name].items()
        unseen = " / ".join(each.value for each, found in seen if not found.is_seen)
        if unseen:
            missed.setdefault((unseen, attack.why_missed), []).append(attack.name)
    return [
        f"- **{', '.join(names)}** ({EVERYWHERE.get(unseen, unseen)}): {why}.\n"
        for (unseen, why), names in missed.items()
    ]
