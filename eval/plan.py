#!/usr/bin/env python3
"""How well `docalign plan` foresees what aligning takes, and the numbers for it.

    plan.py PROGRAM FOLDER [--part test]

Aligns each document of a part of eval/corpus/dev.tsv that is in FOLDER on one thread and compares peak memory and
CPU time with the estimates. Then prints the numbers that would foresee them best (least relative squares, none below 0).
Needs the Python packages numpy and scipy.
"""

import argparse
import csv
import json
import os
import subprocess
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from materialise import place


def measured(program, path):
    """Peak memory in bytes and CPU seconds of the program and its worker."""
    command = [program, str(path), "-q", "-o", os.devnull, "--threads", "1"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        return None
    # The largest process of the tree, which is the worker.
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def report(name, truth, estimate):
    off = np.abs(np.array(estimate) / np.array(truth) - 1)
    print(f"{name}: median error {np.median(off):.0%}, nine in ten within {np.quantile(off, 0.9):.0%}, "
          f"in all {sum(estimate) / sum(truth):.2f} of what was used")


def fit(columns, truth):
    """Weights of the columns with the least relative squared error."""
    truth = np.array(truth)
    matrix = np.array(columns, float).T / truth[:, None]
    return nnls(matrix, np.ones(len(truth)))[0]


def main():
    root = Path(__file__).resolve().parent
    flags = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    flags.add_argument("program")
    flags.add_argument("folder", type=Path)
    flags.add_argument("--part", nargs="+", default=["test"])
    flags = flags.parse_args()
    rows = csv.DictReader((root / "corpus/dev.tsv").open(), delimiter="\t")
    files = [place(flags.folder, r) for r in rows if r["split"] in flags.part]
    plans, memory, seconds = [], [], []
    for file in filter(Path.exists, files):
        told = subprocess.run([flags.program, "plan", str(file), "--format", "json"], capture_output=True, check=True)
        used = measured(flags.program, file)
        if used:
            plans.append(json.loads(told.stdout))
            memory.append(used[0])
            seconds.append(used[1])
    print(f"{len(plans)} documents, {sum(p['pages'] for p in plans)} pages, "
          f"{sum(p['looked_at'] for p in plans)} to be looked at")
    report("memory", memory, [p["memory_bytes"] for p in plans])
    report("CPU time", seconds, [p["cpu_seconds"] for p in plans])
    one = [1] * len(plans)
    mib = [p["file_bytes"] / 2**20 for p in plans]
    pages, looks = [p["pages"] for p in plans], [p["looked_at"] for p in plans]
    any_look = [min(1, look) for look in looks]
    print("memory, bytes: base, MiB, page, looking:", *np.round(fit([one, mib, pages, any_look], memory)))
    print("seconds: base, MiB, page, look:", *np.round(fit([one, mib, pages, looks], seconds), 4))


if __name__ == "__main__":
    main()
