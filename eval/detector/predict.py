#!/usr/bin/env python3
"""What docalign finds on the pages of the test set, for measure.py.

Runs the program once over each document and each scan; its CPU time is that of a whole run, spread
over the document's pages. `--seen` takes what its network sees instead of what it makes of that.
`--name` says what the predictions are called, further arguments go to the program.
"""

import argparse
import json
import resource
import subprocess
from pathlib import Path

from weak import FAMILIES, area, common, path_of

KINDS = {**FAMILIES, "formula": "formula", "algorithm": "algorithm"}
# Narrower displays, in points, are scraps of formulas in the text.
MIN_FORMULA = 30


def run(command, path):
    """The alignment file of a document and the CPU seconds it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([*command, str(path), "-q", "-o", "-"], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if not out.stdout:
        raise SystemExit(f"{path}: {out.stderr.decode()}")
    return json.loads(out.stdout), spent


def add_formulas(pages, alignment):
    """Adds the displays that no visual holds: those without a number are paragraphs alone."""
    for paragraph in alignment["paragraphs"]:
        for region in paragraph["regions"] if paragraph["kind"] == "formula_text" else []:
            box, here = region["bbox"], pages.setdefault(region["page"], [])
            held = any(common(box, o["box"]) > 0.5 * area(box) for o in here)
            if box[2] - box[0] >= MIN_FORMULA and not held:
                here.append({"class": "formula", "box": box, "score": 0.5})


def objects_by_page(alignment):
    """Visuals, their captions, and displayed formulas, by page."""
    pages = {}
    captions = {visual["caption"] for visual in alignment["visuals"]}
    named = [(KINDS.get(v["kind"]), v["score"], v["regions"]) for v in alignment["visuals"]]
    named += [("caption", 1.0, p["regions"]) for p in alignment["paragraphs"]
              if p["kind"] == "caption" or p["id"] in captions]
    for name, score, regions in named:
        for region in regions if name else []:
            found = {"class": name, "box": region["bbox"], "score": score}
            pages.setdefault(region["page"], []).append(found)
    add_formulas(pages, alignment)
    return pages


def seen_by_page(alignment):
    """What the network sees, by page."""
    return {page["index"]: [{"class": o["class"], "box": o["bbox"], "score": o["score"], "sure": o["sure"]}
                            for o in page.get("objects", [])]
            for page in alignment["pages"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="where eval/materialise.py put the documents")
    parser.add_argument("scans", type=Path, help="what scan.py made")
    parser.add_argument("output", type=Path)
    parser.add_argument("--test", type=Path, default=Path(__file__).parent / "test.json")
    parser.add_argument("--docalign", default="target/release/docalign")
    parser.add_argument("--name", default="docalign")
    parser.add_argument("--seen", action="store_true")
    options, more = parser.parse_known_args()
    objects_of = seen_by_page if options.seen else objects_by_page
    more += ["--objects"] if options.seen else []
    pages = []
    for entry in json.loads(options.test.read_text())["documents"]:
        alignment, spent = run([options.docalign, *more], path_of(options.corpus, entry))
        found = objects_of(alignment)
        each = round(spent / alignment["document"]["page_count"], 5)
        for page in entry["pages"]:
            key = {"sha256": entry["sha256"], "page": page["page"]}
            pages.append({**key, "scanned": False, "cpu_s": each, "objects": found.get(page["page"], [])})
            if page["scan"] is not None:
                scan = options.scans / f"{entry['sha256'][:12]}-{page['page']}.pdf"
                alignment, spent = run([options.docalign, *more], scan)
                objects = objects_of(alignment).get(0, [])
                pages.append({**key, "scanned": True, "cpu_s": round(spent, 5), "objects": objects})
    options.output.write_text(json.dumps({"system": options.name, "pages": pages}))


if __name__ == "__main__":
    main()
