#!/usr/bin/env python3
"""CPU time a page: docalign without, with some and with all page images, and PyMuPDF4LLM with its
layout model, on the same pages, each on one thread.

    speed.py FILE.pdf... [--pages N]

Needs the Python packages pymupdf, pymupdf4llm and pymupdf-layout. Prints a table in Markdown;
`image` is what drawing a page and looking at it cost, from all pages being looked at.
"""

import argparse
import json
import os
import resource
import subprocess
import tempfile
from pathlib import Path

# Before the libraries that start threads are loaded.
for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]:
    os.environ[name] = "1"

import pymupdf
import pymupdf.layout
import pymupdf4llm


def spent(usage):
    return usage.ru_utime + usage.ru_stime


def docalign(program, path, pages, mode):
    """CPU seconds and the alignment file."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out.json"
        command = [program, str(path), "-q", "--threads", "1", "--detect", mode, "--pages", f"-{pages}", "--objects"]
        before = spent(resource.getrusage(resource.RUSAGE_CHILDREN))
        subprocess.run([*command, "-o", str(output)], check=True)
        seconds = spent(resource.getrusage(resource.RUSAGE_CHILDREN)) - before
        return seconds, json.loads(output.read_text())


def peer(path, pages):
    document = pymupdf.open(path)
    before = spent(resource.getrusage(resource.RUSAGE_SELF))
    pymupdf4llm.to_markdown(document, pages=list(range(pages)), use_ocr=False)
    return spent(resource.getrusage(resource.RUSAGE_SELF)) - before


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--pages", type=int, default=40, help="so many of each file, from its first")
    parser.add_argument("--docalign", default="target/release/docalign")
    options = parser.parse_args()
    # What is loaded once is not counted.
    warm = pymupdf.open()
    warm.new_page().insert_text((72, 72), "warm")
    pymupdf4llm.to_markdown(warm)
    rows, total = [], [0] * 6
    for path in options.files:
        pages = min(options.pages, len(pymupdf.open(path)))
        never, _ = docalign(options.docalign, path, pages, "never")
        auto, alignment = docalign(options.docalign, path, pages, "auto")
        always, _ = docalign(options.docalign, path, pages, "always")
        looked = sum("objects" in page for page in alignment["pages"])
        rows.append((path.name, [pages, looked, never, auto, always, peer(path, pages)]))
        total = [a + b for a, b in zip(total, rows[-1][1])]
    print("| file | pages | looked at | never, ms | auto, ms | always, ms | image, ms | PyMuPDF4LLM, ms | auto of it |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for name, (pages, looked, never, auto, always, other) in [*rows, ("all", total)]:
        each = [f"{1000 * s / pages:.1f}" for s in (never, auto, always, always - never, other)]
        print(f"| {name} | {pages} | {looked} | {' | '.join(each)} | {auto / other:.1%} |")


if __name__ == "__main__":
    main()
