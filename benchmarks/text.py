"""How well, how fast and in how little memory sensitive text is found, ours beside stock Presidio."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import transcripts
from benchmarks.coverage import ACCEPTED, Scored, by_kind, found, precision, recall, whatever_kind
from benchmarks.finders import Finds, Rules, ours, stock
from compliance import bootstrap
from compliance.engines import LANGUAGE_MODEL
from compliance.models.verify import require
from compliance.redact.profile import choose
from compliance.settings import load

CORPORA = {
    "spoken-numbers": transcripts.spoken_numbers,
    "vcon-transcripts": transcripts.vcon_transcripts,
    "sgd-dialogues": transcripts.sgd_dialogues,
    "presidio-synth": transcripts.presidio_synth,
}

def people_but_agent(text):
    first = [t for t in text.truths if t.kind == "PERSON"]
    turn1 = len(text.conversation.turns[0].words)
    names = {text.said([n]).strip(".,!?’'s").lower() for t in first for n in t.places if n < turn1}
    def agent(t):
        return any(text.said([n]).rstrip(".,!?").removesuffix("'s").removesuffix("’s").lower() in names for n in t.places)
    return [t for t in first if not agent(t)], [t for t in first if agent(t)]


def show(name, kind, r):
    print(f"  {name:8} {kind:24} mentions {r.mentions:4} whole {r.whole/max(1,r.mentions):.3f} as kind {r.called/max(1,r.mentions):.3f} words {r.covered/max(1,r.words):.3f}")


def measure(data: Path | None, only=None, with_stock=True, misses=False) -> None:
    with TemporaryDirectory() as home:
        settings = load(home=Path(home))
        parts = bootstrap.build(settings)
        profile = choose(parts.profiles, settings.profile)
        who = {"ours": ours(parts.engines.runner, profile.actions)}
        if with_stock:
            spacy = require(settings.models_dir, LANGUAGE_MODEL).path
            who["stock"] = stock(spacy)
            who["stock.4"] = stock(spacy, least=0.4)
        rules = ours(Rules(), profile.actions)
        for f in who.values():
            f(transcripts.spoken_numbers(data)[0])
        for corpus, read in CORPORA.items():
            if only and corpus not in only:
                continue
            texts = read(data)
            print(f"\n== {corpus}: {len(texts)} texts, {sum(len(t.bounds) for t in texts)} words")
            for name, finds in who.items():
                cpu = time.process_time()
                scored = [(t, finds(t)) for t in texts]
                cpu = time.process_time() - cpu
                print(f"  {name}: {cpu:.1f} s CPU, {sum(len(t.bounds) for t in texts)/cpu:.0f} words/s")
                report(corpus, name, scored, misses and name == "ours")
            cpu = time.process_time()
            for t in texts: rules(t)
            cpu = time.process_time() - cpu
            print(f"  rules: {cpu:.1f} s CPU, {sum(len(t.bounds) for t in texts)/cpu:.0f} words/s")


def report(corpus, name, scored: Scored, misses):
    if corpus == "presidio-synth":
        tallies = by_kind(scored)
        for kind, t in sorted(tallies.items()):
            any_kind = recall(scored, {x.name: [y for y in x.truths if y.kind == kind] for x, _ in scored})
            print(f"  {name:8} {kind:18} F2 {t.f2:.3f} P {t.precision:.3f} R {t.recall:.3f} hit {t.hit} missed {t.missed} false {t.false}; covered by any kind {any_kind.covered/max(1,any_kind.words):.3f}")
        t = sum(tallies.values(), start=type(next(iter(tallies.values())))())
        print(f"  {name:8} ALL                F2 {t.f2:.3f} P {t.precision:.3f} R {t.recall:.3f}")
        t = whatever_kind(scored)
        print(f"  {name:8} WHATEVER KIND      F2 {t.f2:.3f} P {t.precision:.3f} R {t.recall:.3f}")
    else:
        kinds = sorted({y.kind for x, _ in scored for y in x.truths})
        for kind in kinds:
            show(name, kind, recall(scored, {x.name: [y for y in x.truths if y.kind == kind] for x, _ in scored}))
        if corpus == "vcon-transcripts":
            show(name, "PERSON not agent", recall(scored, {x.name: people_but_agent(x)[0] for x, _ in scored}))
            show(name, "PERSON agent", recall(scored, {x.name: people_but_agent(x)[1] for x, _ in scored}))
        if corpus == "spoken-numbers":
            print(f"  {name:8} negatives hit: {[x.name for x, h in scored if not x.truths and h]}; positives open {[x.name for x,h in scored if x.truths and not x.truths[0].places <= found(h)]}")
        r, e = precision(scored)
        print(f"  {name:8} precision of words, all kinds {r}/{e} = {r/max(1,e):.3f}", end="; ")
        for k in sorted({h.kind for _, hs in scored for h in hs}):
            r, e = precision(scored, {k}); print(f"{k} {r}/{e}", end=" ")
        print()
    if misses:
        show_misses(scored)


def around(text, places, n=5):
    a, b = max(0, min(places) - n), min(len(text.bounds), max(places) + 1 + n)
    out = []
    for i in range(a, b):
        w = text.said([i])
        out.append(f"[{w}]" if i in places else w)
    return " ".join(out)


def show_misses(scored):
    for text, hits in scored:
        cut = found(hits)
        for t in text.truths:
            if t.kind in ACCEPTED or t.kind in ("NUMBER", "MONEY", "CREDIT_CARD"):
                if not t.places <= cut:
                    print(f"MISS {t.kind} {text.name}: {around(text, t.places - cut)}")
        marked = frozenset().union(*(t.places for t in text.truths))
        for h in hits:
            if not h.places & marked:
                print(f"FALSE {h.kind} {h.detector} {text.name}: {around(text, h.places)}")


if __name__ == "__main__":
    import argparse
    p = argparse.ArgumentParser(); p.add_argument("--data", type=Path); p.add_argument("--only", action="append"); p.add_argument("--no-stock", action="store_true"); p.add_argument("--misses", action="store_true")
    a = p.parse_args(); measure(a.data, a.only, not a.no_stock, a.misses)
