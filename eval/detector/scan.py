#!/usr/bin/env python3
"""Pages of the test set as a scanner would hand them over, as PDFs that hold an image and no text.

Writes FOLDER/<sha256, 12 digits>-<page>.pdf for each page with a seed in `scan`, and
FOLDER/test.json, the test set of these pages alone: a page lies a little askew, so each box is that
of the turned ink. The same seeds make the same pages. Needs pymupdf, numpy and pillow.
"""

import argparse
import io
import json
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image, ImageFilter

import weak

DPIS = [100, 130, 150, 200]
MOST_SKEW_DEGREES = 1.5
# How far a pixel is from white to be ink, on the clean page.
INK = 30


def render(page, dpi):
    pixmap = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY, alpha=False)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width]


def turned_box(box, ink, scale, angle, shift):
    """The box of the ink inside `box` once the page is turned about its middle and moved (pixels)."""
    x0, y0, x1, y1 = (max(0, round(side * scale)) for side in box)
    ys, xs = np.nonzero(ink[y0:y1, x0:x1])
    if not len(ys):
        xs, ys = np.array([0, x1 - x0]), np.array([0, y1 - y0])
    middle = ink.shape[1] / 2, ink.shape[0] / 2
    dx, dy = xs + x0 - middle[0], ys + y0 - middle[1]
    # Image.rotate turns counterclockwise for positive angles, with y downwards.
    x = dx * np.cos(angle) + dy * np.sin(angle) + middle[0] + shift[0]
    y = -dx * np.sin(angle) + dy * np.cos(angle) + middle[1] + shift[1]
    return [round(float(side) / scale, 1) for side in (x.min(), y.min(), x.max() + 1, y.max() + 1)]


def worn(clean, back, rng):
    """The look of a scan: turned already, it gets blur, shadow, the back's print, noise, contrast."""
    image = Image.fromarray(clean).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.1)))
    image = np.asarray(image).astype(float)
    if rng.random() < 0.4:
        shine = 255 - np.asarray(Image.fromarray(back[:, ::-1]).resize(image.shape[::-1]).filter(ImageFilter.GaussianBlur(2)))
        image = image - shine * rng.uniform(0.04, 0.12)
    height, width = image.shape
    x, y = np.linspace(-1, 1, width)[None, :], np.linspace(-1, 1, height)[:, None]
    image = image * (1 - rng.uniform(0, 0.15) * (x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1) + 1) / 2)
    if rng.random() < 0.4:
        side = np.abs(x - rng.choice([-1.0, 1.0]))
        image = image - 140 * np.exp(-side / rng.uniform(0.01, 0.05))
    black, white = rng.uniform(0, 60), rng.uniform(225, 255)
    image = black + image / 255 * (white - black) + rng.normal(0, rng.uniform(2, 14), image.shape)
    if rng.random() < 0.15:
        image = np.where(image < (black + white) / 2, 0, 255)
    return np.clip(image, 0, 255).astype(np.uint8)


def scan(document, entry):
    """A page's JPEG, and its entry with the boxes where they now are."""
    rng = np.random.default_rng(entry["scan"])
    dpi = int(rng.choice(DPIS))
    scale = dpi / 72
    page = document[entry["page"]]
    clean = render(page, dpi)
    degrees = float(rng.uniform(-MOST_SKEW_DEGREES, MOST_SKEW_DEGREES))
    shift = tuple(int(s) for s in rng.integers(-dpi // 20, dpi // 20 + 1, 2))
    paper = int(np.median(clean))
    turned = np.asarray(Image.fromarray(clean).rotate(degrees, Image.BICUBIC, translate=shift, fillcolor=paper))
    image = worn(turned, render(document[(entry["page"] + 1) % len(document)], dpi), rng)
    jpeg = io.BytesIO()
    Image.fromarray(image).save(jpeg, "JPEG", quality=int(rng.integers(25, 80)))
    ink = np.abs(clean.astype(int) - paper) > INK
    place = lambda box: turned_box(box, ink, scale, np.radians(degrees), shift)
    objects = [{"class": o["class"], "box": place(o["box"])} for o in entry["objects"]]
    return jpeg.getvalue(), {**entry, "objects": objects, "ignore": [place(box) for box in entry["ignore"]]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpus", type=Path, help="where eval/materialise.py put the documents")
    parser.add_argument("output", type=Path)
    parser.add_argument("--test", type=Path, default=Path(__file__).parent / "test.json")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    test = json.loads(options.test.read_text())
    for entry in test["documents"]:
        document = pymupdf.open(weak.path_of(options.corpus, entry))
        pages = []
        for page in entry["pages"]:
            if page["scan"] is None:
                continue
            jpeg, moved = scan(document, page)
            paper = pymupdf.open()
            sheet = paper.new_page(width=page["width"], height=page["height"])
            sheet.insert_image(sheet.rect, stream=jpeg, keep_proportion=False)
            paper.save(options.output / f"{entry['sha256'][:12]}-{page['page']}.pdf")
            pages.append(moved)
        entry["pages"] = pages
    (options.output / "test.json").write_text(json.dumps(test))


if __name__ == "__main__":
    main()
