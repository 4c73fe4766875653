#!/usr/bin/env python3
"""Pages of the development corpus with boxes that two readings of the file agree on.

docalign says where the figures and tables are and which captions are theirs; PyMuPDF says where
drawings and images are, and the page image where the ink is. A page is kept when every caption on
it belongs to a figure or table whose box all three confirm; other graphics go to `ignore`. Only the
parts train and validation are read. Needs the Python packages pymupdf, numpy and pillow.
"""

import argparse
import csv
import json
import random
import subprocess
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image

LONG_SIDE_PX = 1000
FAMILIES = {"figure": "figure", "photo": "figure", "chart": "figure", "diagram": "figure", "table": "table"}
# How well docalign's box and the graphics in it agree.
AGREE = 0.8
# Graphics smaller than this share of the page are ornaments.
ORNAMENT = 0.004
# A page of which so much is unsure teaches too little.
MOST_IGNORED = 0.3
# Of so many pages of a document one may have nothing on it.
EMPTY_SHARE = 4
# Pages looked at in a document for each that may be kept.
MOST_TRIED = 6


def area(b):
    return max(0.0, b[2] - b[0]) * max(0.0, b[3] - b[1])


def common(a, b):
    return area([max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])])


def iou(a, b):
    both = common(a, b)
    return both / (area(a) + area(b) - both + 1e-9)


def union(boxes):
    return [min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)]


def grown(b, by):
    return [b[0] - by, b[1] - by, b[2] + by, b[3] + by]


def graphics(page):
    """Boxes of what is drawn on a page: paths and images, without the page's own background."""
    whole = list(page.rect)
    boxes = [list(item["rect"]) for item in page.get_drawings() if item["rect"].is_valid]
    boxes += [list(item["bbox"]) for item in page.get_image_info()]
    inside = [[max(b[0], 0), max(b[1], 0), min(b[2], whole[2]), min(b[3], whole[3])] for b in boxes]
    return [b for b in inside if b[2] >= b[0] and b[3] >= b[1] and area(b) < 0.9 * area(whole)]


def clusters(boxes, gap=3):
    """Joins boxes that are near each other."""
    groups = []
    for box in boxes:
        near = [g for g in groups if common(grown(g, gap), grown(box, 0.1)) > 0]
        groups = [g for g in groups if g not in near] + [union([box, *near])]
    return groups


class Ink:
    """A page image, asked where there is ink."""

    def __init__(self, page):
        zoom = LONG_SIDE_PX / max(page.rect.width, page.rect.height)
        pixmap = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), colorspace=pymupdf.csGRAY, alpha=False)
        self.image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width]
        self.scale = pixmap.width / page.rect.width
        self.paper = int(np.median(self.image))

    def draw_in(self, box):
        x0, y0, x1, y1 = (max(0, round(side * self.scale)) for side in grown(box, 1))
        ink = np.abs(self.image[y0:y1, x0:x1].astype(int) - self.paper) > 10
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        if not len(rows):
            return None
        sides = (x0 + columns[0], y0 + rows[0], x0 + columns[-1] + 1, y0 + rows[-1] + 1)
        return [round(side / self.scale, 2) for side in sides]

    def is_cut(self, box):
        """Whether ink crosses a side of the box, so that it ends inside something."""
        x0, y0, x1, y1 = (round(side * self.scale) for side in box)
        outer = 2
        ink = np.abs(self.image.astype(int) - self.paper) > 40
        strip = lambda y, x: ink[max(y[0], 0) : max(y[1], 0), max(x[0], 0) : max(x[1], 0)]
        across = [strip((y0 - outer, y0), (x0, x1)) & strip((y0, y0 + outer), (x0, x1))] if y0 >= outer else []
        across += [strip((y1 - outer, y1), (x0, x1)) & strip((y1, y1 + outer), (x0, x1))] if y1 + outer <= ink.shape[0] else []
        return any(a.mean() > 0.02 for a in across if a.size)


def agreed(region, drawn, ink):
    """The region drawn in to its ink where graphics and ink confirm it."""
    box = ink.draw_in(region)
    if box is None:
        return None
    inside = [g for g in drawn if common(g, grown(region, 2)) >= 0.7 * max(area(g), 1e-9) or
              (area(g) == 0 and region[0] - 3 <= g[0] and g[2] <= region[2] + 3 and region[1] - 3 <= g[1] and g[3] <= region[3] + 3)]
    if not inside or iou(union(inside), box) < AGREE or ink.is_cut(box):
        return None
    return box


def labels(page, visuals, captions, ink):
    """Objects and places to ignore, or None when the readings of the page disagree."""
    drawn = graphics(page)
    objects, ignore, explained = [], [], set()
    for visual, region in visuals:
        name = FAMILIES.get(visual["kind"])
        own = set(visual["sources"]) & {"vector", "raster"}
        box = agreed(region, drawn, ink) if name and own else None
        captioned = visual["caption"] in captions
        sure = captioned or (name == "figure" and "raster" in own and visual["score"] >= 0.6)
        if box and sure:
            objects.append({"class": name, "box": box})
            explained.add(visual["caption"])
        elif captioned and name:
            return None
        elif visual["kind"] != "formula":
            ignore.append(region)
            explained.add(visual["caption"])
    for number, region in captions.items():
        box = ink.draw_in(region)
        if number not in explained or box is None:
            return None
        objects.append({"class": "caption", "box": box})
    for box in clusters(drawn):
        tall, wide = box[3] - box[1], box[2] - box[0]
        if area(box) < ORNAMENT * area(list(page.rect)) or min(tall, wide) < 12:
            continue
        if not any(common(box, o["box"]) > 0.8 * area(box) for o in objects):
            ignore.append(box)
    boxes = [o["box"] for o in objects if o["class"] != "caption"]
    if any(common(a, b) > 0 for k, a in enumerate(boxes) for b in boxes[:k]):
        return None
    if sum(map(area, ignore)) > MOST_IGNORED * area(list(page.rect)):
        return None
    ignore = [[round(side, 2) for side in box] for box in ignore]
    return objects, ignore


def path_of(corpus, row):
    """Where eval/materialise.py puts a document."""
    return corpus / f"{row['package']}__{Path(row['path']).name}"


def regions_by_page(items, page_of):
    for item in items:
        for region in item["regions"]:
            page_of.setdefault(region["page"], []).append((item, region["bbox"]))
    return page_of


def read(docalign, path):
    run = subprocess.run([docalign, "-q", path, "-o", "-", "--min-probability", "1"], capture_output=True, timeout=120)
    return json.loads(run.stdout) if run.stdout else None


def pages_of(task):
    """The lines of a document's pages; stores their images."""
    docalign, path, part, quota, seed, output = task
    found = read(docalign, path)
    if not found:
        return []
    visuals = regions_by_page(found["visuals"], {})
    captions = regions_by_page([p for p in found["paragraphs"] if p["kind"] == "caption"], {})
    document = pymupdf.open(path)
    order = list(range(len(document)))
    random.Random(f"{seed} {path.name}").shuffle(order)
    order.sort(key=lambda k: k not in visuals)
    lines, empty, tried = [], 0, 0
    for index in order:
        page = document[index]
        is_empty = index not in visuals
        full = empty * EMPTY_SHARE >= quota
        if len(lines) >= quota or tried >= MOST_TRIED * quota or (is_empty and full):
            break
        if page.rotation:
            continue
        tried += 1
        ink = Ink(page)
        here = {p["id"]: box for p, box in captions.get(index, [])}
        made = labels(page, visuals.get(index, []), here, ink)
        if made is None or (not made[0] and (full or is_empty and made[1])):
            continue
        empty += not made[0]
        image = f"images/{path.stem}-{index:04}.png"
        Image.fromarray(ink.image).save(output / image, compress_level=3)
        lines.append({"image": image, "width": round(page.rect.width, 2), "height": round(page.rect.height, 2),
                      "split": part, "origin": "weak", "document": path.name, "page": index,
                      "objects": made[0], "ignore": made[1], "classes": ["figure", "table", "caption"]})
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="where eval/materialise.py put the documents")
    parser.add_argument("output", type=Path)
    parser.add_argument("--docalign", default="target/release/docalign")
    parser.add_argument("--list", type=Path, default=Path(__file__).parent.parent / "corpus/dev.tsv")
    parser.add_argument("--pages", type=int, default=24, help="at most so many of a document")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    (options.output / "images").mkdir(parents=True, exist_ok=True)
    tasks = []
    for row in csv.DictReader(options.list.open(), delimiter="\t"):
        path = path_of(options.corpus, row)
        if row["split"] != "test" and path.exists():
            tasks.append((options.docalign, path, row["split"], options.pages, options.seed, options.output))
    count = 0
    with (options.output / "pages.jsonl").open("w") as listing:
        for task in tasks:
            lines = pages_of(task)
            for line in lines:
                listing.write(json.dumps(line) + "\n")
            count += len(lines)
    print(f"{count} pages of {len(tasks)} documents in {options.output}")


if __name__ == "__main__":
    main()
