#!/usr/bin/env python3
"""How well systems find what is on the pages of the test set: a table in Markdown.

    measure.py PREDICTIONS... [--scans FOLDER]

A file of predictions is {"system", "pages": [{"sha256", "page", "scanned", "cpu_s", "objects":
[{"class", "box", "score", "sure"}]}]}; only objects that are `sure` (default) count for F1. For each
system and class, over born-digital pages and over scans: AP at IoU 0.5, AP averaged over IoU 0.5 to
0.95 in steps of 0.05 (101-point interpolation), F1 at IoU 0.8, and how many objects there are. An object of a page is matched by at most one
prediction, best scores first; one that is not matched and lies by more than half in a place to
ignore counts for nothing.
"""

import argparse
import json
from pathlib import Path

from weak import area, common, iou

CLASSES = ["figure", "table", "caption", "formula", "algorithm"]
STEPS = [0.5 + 0.05 * k for k in range(10)]
STRICT = 0.8


def load(path):
    """Pages by document and number."""
    test = json.loads(Path(path).read_text())
    return {(d["sha256"], p["page"]): p for d in test["documents"] for p in d["pages"]}


def judge(name, truth, predictions, least):
    """Score, sureness and rightness of each prediction that counts, and the number of objects."""
    judged, count = [], 0
    for key, page in truth.items():
        wanted = [o["box"] for o in page["objects"] if o["class"] == name]
        count += len(wanted)
        found = [o for o in predictions.get(key, []) if o["class"] == name]
        taken = set()
        for o in sorted(found, key=lambda o: -o["score"]):
            rated = [(iou(o["box"], box), k) for k, box in enumerate(wanted) if k not in taken]
            best, k = max(rated, default=(0.0, None))
            if best >= least:
                taken.add(k)
                judged.append((o["score"], o.get("sure", True), True))
            elif not any(common(o["box"], box) > 0.5 * area(o["box"]) for box in page["ignore"]):
                judged.append((o["score"], o.get("sure", True), False))
    return judged, count


def average_precision(judged, count):
    if not count:
        return None
    right, curve = 0, []
    for seen, (_, _, good) in enumerate(sorted(judged, key=lambda j: -j[0]), 1):
        right += good
        curve.append((right / count, right / seen))
    return sum(max((p for r, p in curve if r >= k / 100), default=0.0) for k in range(101)) / 101


def f1(judged, count):
    kept = [good for _, sure, good in judged if sure]
    return 2 * sum(kept) / max(len(kept) + count, 1)


def measures(name, truth, predictions):
    curves = [average_precision(*judge(name, truth, predictions, least)) for least in STEPS]
    judged, count = judge(name, truth, predictions, STRICT)
    if not count:
        return None
    return curves[0], sum(curves) / len(curves), f1(judged, count), count


def rows(system, truth, scanned):
    """Lines of the table for one system."""
    pages = {(p["sha256"], p["page"]): p for p in system["pages"] if p["scanned"] == scanned}
    missing = set(truth) - set(pages)
    if missing:
        yield f"| {system['system']} | {len(missing)} of {len(truth)} pages are missing | | | | |"
        return
    predictions = {key: page["objects"] for key, page in pages.items()}
    for name in CLASSES:
        measured = measures(name, truth, predictions)
        if measured:
            half, mean, strict, count = measured
            yield f"| {system['system']} | {name} | {count} | {half:.3f} | {mean:.3f} | {strict:.3f} |"


def cpu(system, scanned):
    spent = [p["cpu_s"] for p in system["pages"] if p["scanned"] == scanned and p.get("cpu_s") is not None]
    return f"{1000 * sum(spent) / len(spent):.1f}" if spent else "–"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("predictions", type=Path, nargs="+")
    parser.add_argument("--test", type=Path, default=Path(__file__).parent / "test.json")
    parser.add_argument("--scans", type=Path, help="what scan.py made; without it scans are left out")
    options = parser.parse_args()
    systems = [json.loads(path.read_text()) for path in options.predictions]
    truths = [("Born-digital", load(options.test), False)]
    if options.scans:
        truths.append(("Scanned", load(options.scans / "test.json"), True))
    for title, truth, scanned in truths:
        print(f"{title}: {len(truth)} pages\n")
        print("| system | class | objects | AP@0.5 | AP@0.5:0.95 | F1@0.8 |\n|---|---|---:|---:|---:|---:|")
        for system in systems:
            print("\n".join(rows(system, truth, scanned)))
        print("\nCPU ms a page: " + ", ".join(f"{s['system']} {cpu(s, scanned)}" for s in systems) + "\n")


if __name__ == "__main__":
    main()
