#!/usr/bin/env python3
"""Contact sheets: pages with their boxes drawn and numbered, to be looked at.

    sheet.py FOLDER OUTPUT [--pages N] [--seed S]

FOLDER holds pages.jsonl as generate.py and weak.py write it.
"""

import argparse
import json
import random
from pathlib import Path

from PIL import Image, ImageDraw

COLOURS = {"figure": "red", "table": "blue", "caption": "green", "formula": "purple", "algorithm": "darkorange",
           "header": "brown", "footer": "teal", "ignore": "magenta"}


def draw(image, size, objects, ignore, high):
    """The page `high` pixels high with its boxes."""
    wide = round(high * size[0] / size[1])
    page = image.convert("RGB").resize((wide, high), Image.LANCZOS)
    pen = ImageDraw.Draw(page)
    scale = high / size[1]
    named = [(o["class"], o["box"]) for o in objects] + [("ignore", box) for box in ignore]
    for number, (name, box) in enumerate(named):
        sides = [side * scale for side in box]
        pen.rectangle(sides, outline=COLOURS[name], width=2)
        pen.text((sides[0] + 2, sides[1] - 10), f"{number}{name[0]}", fill=COLOURS[name])
    return page


def sheet(pages, across, gap=6):
    """Pages side by side, in rows."""
    rows = [pages[k : k + across] for k in range(0, len(pages), across)]
    width = max(sum(p.width + gap for p in row) for row in rows)
    whole = Image.new("RGB", (width, sum(max(p.height for p in row) + gap for row in rows)), "gray")
    y = 0
    for row in rows:
        x = 0
        for page in row:
            whole.paste(page, (x, y))
            x += page.width + gap
        y += max(p.height for p in row) + gap
    return whole


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--pages", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--high", type=int, default=760)
    options = parser.parse_args()
    lines = [json.loads(line) for line in (options.folder / "pages.jsonl").open()]
    chosen = random.Random(options.seed).sample(lines, min(options.pages, len(lines)))
    drawn = [draw(Image.open(options.folder / p["image"]), (p["width"], p["height"]), p["objects"], p["ignore"],
                  options.high) for p in chosen]
    sheet(drawn, 4).save(options.output)
    for page in chosen:
        print(page["image"])


if __name__ == "__main__":
    main()
