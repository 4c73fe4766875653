#!/usr/bin/env python3
"""What PyMuPDF's layout model finds on the pages of the detector's test set.

Runs it page by page on the documents and on the scans of detector/scan.py and writes predictions
for detector/measure.py, with the CPU time of its layout alone. Needs the Python packages pymupdf,
pymupdf4llm and pymupdf-layout; the peer states no scores, so all are 1.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import pymupdf
import pymupdf.layout

sys.path.insert(0, str(Path(__file__).parent.parent / "detector"))
from weak import path_of

CLASSES = {"picture": "figure", "table": "table", "caption": "caption", "formula": "formula", "code": "algorithm",
           "algorithm": "algorithm"}


def look(page):
    """The objects of a page and the CPU time they took."""
    start = time.process_time()
    page.get_layout()
    spent = time.process_time() - start
    found = [(CLASSES.get(name), box) for *box, name in page.layout_information]
    return [{"class": name, "box": [round(side, 2) for side in box], "score": 1.0} for name, box in found if name], spent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="where eval/materialise.py put the documents")
    parser.add_argument("scans", type=Path, help="what detector/scan.py made")
    parser.add_argument("output", type=Path)
    parser.add_argument("--test", type=Path, default=Path(__file__).parent.parent / "detector/test.json")
    options = parser.parse_args()
    # The model is read at its first page, which is not counted.
    warm = pymupdf.open()
    look(warm.new_page())
    pages = []
    for entry in json.loads(options.test.read_text())["documents"]:
        document = pymupdf.open(path_of(options.corpus, entry))
        for page in entry["pages"]:
            key = {"sha256": entry["sha256"], "page": page["page"]}
            objects, spent = look(document[page["page"]])
            pages.append({**key, "scanned": False, "cpu_s": round(spent, 4), "objects": objects})
            if page["scan"] is not None:
                scan = pymupdf.open(options.scans / f"{entry['sha256'][:12]}-{page['page']}.pdf")
                objects, spent = look(scan[0])
                pages.append({**key, "scanned": True, "cpu_s": round(spent, 4), "objects": objects})
    version = f"PyMuPDF layout {pymupdf.layout.version}"
    options.output.write_text(json.dumps({"system": version, "pages": pages}))


if __name__ == "__main__":
    main()
