#!/usr/bin/env python3
"""Pages whose boxes a reader corrected, to learn from: those of train.json and validation.json.

Writes a folder as generate.py and weak.py do. All classes but header and footer are known there.
"""

import argparse
import json
from pathlib import Path

import pymupdf
from PIL import Image

from weak import Ink, path_of

KNOWN = ["figure", "table", "caption", "formula", "algorithm"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="where eval/materialise.py put the documents")
    parser.add_argument("output", type=Path)
    parser.add_argument("--checked", type=Path, nargs="+",
                        default=[Path(__file__).parent / f"{part}.json" for part in ("train", "validation")])
    options = parser.parse_args()
    (options.output / "images").mkdir(parents=True, exist_ok=True)
    count = 0
    with (options.output / "pages.jsonl").open("w") as listing:
        for path in options.checked:
            for entry in json.loads(path.read_text())["documents"]:
                file = path_of(options.corpus, entry)
                document = pymupdf.open(file)
                for page in entry["pages"]:
                    image = f"images/{file.stem}-{page['page']:04}.png"
                    Image.fromarray(Ink(document[page["page"]]).image).save(options.output / image, compress_level=3)
                    line = {"image": image, "width": page["width"], "height": page["height"], "split": path.stem,
                            "origin": "checked", "document": file.name, "page": page["page"],
                            "objects": page["objects"], "ignore": page["ignore"], "classes": KNOWN}
                    listing.write(json.dumps(line) + "\n")
                    count += 1
    print(f"{count} pages in {options.output}")


if __name__ == "__main__":
    main()
