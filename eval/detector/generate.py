#!/usr/bin/env python3
"""Pages with exact boxes of what is on them, for the detector to learn from.

Documents of many looks are written as Typst markup and typeset; each object carries marks whose
places the typesetter tells, and its box is then drawn in to the ink. The same seed makes the same
pages. Needs the Python packages typst, numpy and pillow. See README.md for the format.
"""

import argparse
import io
import json
import os
import random
import re
import tempfile
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import typst
from PIL import Image

import layouts
import pictures
from diagrams import screenshot

# The longer side of a page image: twice what the detector sees, so that pages can be cut and scaled.
LONG_SIDE_PX = 1000
# A document in so many is for validation.
VALIDATION_EVERY = 8
PHOTOS, SCREENSHOTS = 160, 100
# How far a pixel is from the colour of the page to be ink.
INK = 7


def rasters(folder, seed):
    """Makes the rasters that documents show."""
    rng = random.Random(f"{seed} rasters")
    for k in range(PHOTOS):
        size = rng.choice([(320, 240), (240, 320), (300, 300), (420, 200), (360, 240)])
        pictures.photo(rng, *size).save(folder / f"photo{k}.png")
    for k in range(SCREENSHOTS):
        w, h = rng.uniform(140, 420), rng.uniform(100, 300)
        page = f"#set page(width: {w:.1f}pt, height: {h:.1f}pt, margin: 0pt)\n"
        source = (page + pictures.PRELUDE + screenshot(rng, w, h)).encode()
        raster = typst.compile(source, format="png", ppi=rng.choice([72, 96, 120]))
        Image.open(io.BytesIO(raster)).convert("L").save(folder / f"screenshot{k}.png")


def points(length):
    return float(re.match(r"-?[\d.]+", length).group())


def spans(marks):
    """Pairs the marks: what lies from a first to a last one on the same page."""
    first, found = {}, []
    for mark in marks:
        if mark["e"] == 0:
            first[mark["i"]] = mark
            continue
        start = first.pop(mark["i"], None)
        if start is None or start["page"] != mark["page"]:
            return None
        box = [points(start["x"]), points(start["y"]), points(mark["x"]), points(mark["y"])]
        found.append((mark["page"] - 1, mark["c"], mark["k"], box))
    return found


def draw_in(image, scale, paper, box):
    """The box without empty margins, or None when there is nothing in it."""
    x0, y0, x1, y1 = (round(side * scale) for side in box)
    x0, y0 = max(x0 - 1, 0), max(y0 - 1, 0)
    ink = np.abs(image[y0 : y1 + 1, x0 : x1 + 1].astype(int) - paper) > INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    sides = (x0 + columns[0], y0 + rows[0], x0 + columns[-1] + 1, y0 + rows[-1] + 1)
    return [round(side / scale, 2) for side in sides]


def document(task):
    """Typesets a document, stores its images, and returns the lines of its pages."""
    number, seed, folder, rasters_folder = task
    rng = random.Random(f"{seed} {number}")
    source, style = layouts.document(rng, PHOTOS, SCREENSHOTS)
    main = Path(rasters_folder) / f"{number}.typ"
    main.write_text(source)
    compiler = typst.Compiler(str(main), root=str(rasters_folder))
    marks = json.loads(json.loads(compiler.query("<places>", field="value", one=True)))
    found = spans(marks)
    if found is None:
        return [], f"document {number}: an object is on two pages"
    ppi = LONG_SIDE_PX / max(style.width, style.height) * 72
    images = compiler.compile(format="png", ppi=ppi)
    images = images if isinstance(images, list) else [images]
    lines = []
    for index, png in enumerate(images):
        image = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
        scale = image.shape[1] / style.width
        objects, ignore = [], []
        for page, name, kind, box in found:
            box = draw_in(image, scale, style.paper, box) if page == index else None
            if box and name == "ignore":
                ignore.append(box)
            elif box:
                objects.append({"class": name, "box": box} | ({"kind": kind} if kind else {}))
        path = f"images/{number:04}-{index:02}.png"
        Image.fromarray(image).save(Path(folder) / path, compress_level=3)
        lines.append({"image": path, "width": round(style.width, 2), "height": round(style.height, 2),
                      "split": "validation" if number % VALIDATION_EVERY == 0 else "train", "origin": "generated",
                      "look": style.name, "objects": objects, "ignore": ignore})
    main.unlink()
    return lines, None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--documents", type=int, default=320)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    (options.output / "images").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        rasters(Path(scratch), options.seed)
        tasks = [(n, options.seed, str(options.output), scratch) for n in range(options.documents)]
        pages = 0
        # The typesetter has threads, which a forked process would wait for in vain.
        with get_context("spawn").Pool(options.processes) as pool, (options.output / "pages.jsonl").open("w") as listing:
            for lines, trouble in pool.imap(document, tasks):
                if trouble:
                    print(trouble)
                for line in lines:
                    listing.write(json.dumps(line) + "\n")
                pages += len(lines)
    print(f"{pages} pages of {options.documents} documents in {options.output}")


if __name__ == "__main__":
    main()
