"""Figures as Typst code: charts, diagrams, and rasters like photographs and screenshots.

Every function takes a `random.Random` and a size in points, and returns markup for a box of that
size that nothing sticks out of. The names used in it (L, R, C, P, K, T) are in PRELUDE.
"""

import math

import numpy as np
from PIL import Image

PRELUDE = """
#let L(a, b, c, d, s) = place(line(start: (a * 1pt, b * 1pt), end: (c * 1pt, d * 1pt), stroke: s))
#let R(x, y, w, h, f, s) = place(dx: x * 1pt, dy: y * 1pt,
  rect(width: w * 1pt, height: h * 1pt, fill: f, stroke: s))
#let C(x, y, r, f, s) = place(dx: (x - r) * 1pt, dy: (y - r) * 1pt, circle(radius: r * 1pt, fill: f, stroke: s))
#let O(x, y, w, h, f, s) = place(dx: x * 1pt, dy: y * 1pt,
  ellipse(width: w * 1pt, height: h * 1pt, fill: f, stroke: s))
#let P(f, s, ..p) = place(polygon(fill: f, stroke: s, ..p.pos().map(q => (q.at(0) * 1pt, q.at(1) * 1pt))))
#let K(s, ..p) = { let q = p.pos().map(q => (q.at(0) * 1pt, q.at(1) * 1pt))
  place(curve(stroke: s, curve.move(q.first()), ..q.slice(1).map(r => curve.line(r)))) }
#let T(W, H, x, y, size, body) = place(center + horizon, dx: (x - W / 2) * 1pt, dy: (y - H / 2) * 1pt,
  text(size: size * 1pt, body))
"""

COLOURS = ["rgb(\"#1f77b4\")", "rgb(\"#d62728\")", "rgb(\"#2ca02c\")", "rgb(\"#ff7f0e\")", "rgb(\"#9467bd\")",
           "rgb(\"#8c564b\")", "rgb(\"#17becf\")", "rgb(\"#e377c2\")", "rgb(\"#bcbd22\")"]
GREYS = ["luma(20)", "luma(70)", "luma(120)", "luma(160)", "luma(200)", "luma(225)"]
WORDS = ("input output model server client parser cache state node error data time speed mean load test train "
         "signal filter source sink queue buffer stage graph edge layer index query result user start end "
         "control memory power flow rate level temperature pressure voltage current frequency").split()


class Canvas:
    """Collects primitives for a box of `w` by `h` points."""

    def __init__(self, rng, w, h):
        self.rng, self.w, self.h, self.code = rng, w, h, []
        self.colours = list(rng.choice([COLOURS, COLOURS, GREYS]))
        rng.shuffle(self.colours)
        self.size = rng.choice([5, 6, 7, 8])

    def line(self, a, b, c, d, s="0.6pt"):
        self.code.append(f"L({a:.1f},{b:.1f},{c:.1f},{d:.1f},{s})")

    def rect(self, x, y, w, h, fill="none", s="0.6pt"):
        self.code.append(f"R({x:.1f},{y:.1f},{w:.1f},{h:.1f},{fill},{s})")

    def circle(self, x, y, r, fill="none", s="0.6pt"):
        self.code.append(f"C({x:.1f},{y:.1f},{r:.1f},{fill},{s})")

    def ellipse(self, x, y, w, h, fill="none", s="0.6pt"):
        self.code.append(f"O({x:.1f},{y:.1f},{w:.1f},{h:.1f},{fill},{s})")

    def polygon(self, points, fill="none", s="0.6pt"):
        self.code.append(f"P({fill},{s},{self.points(points)})")

    def curve(self, points, s="0.8pt"):
        self.code.append(f"K({s},{self.points(points)})")

    def text(self, x, y, words, size=None, turned=False):
        body = f"[{words}]"
        if turned:
            body = f"rotate(-90deg, reflow: true, {body})"
        self.code.append(f"T({self.w:.1f},{self.h:.1f},{x:.1f},{y:.1f},{size or self.size},{body})")

    def arrow(self, a, b, c, d, s="0.6pt"):
        self.line(a, b, c, d, s)
        angle = math.atan2(d - b, c - a)
        wings = [(c - 4 * math.cos(angle + k), d - 4 * math.sin(angle + k)) for k in (0.4, -0.4)]
        self.polygon([(c, d), *wings], "black", "none")

    @staticmethod
    def points(points):
        return ",".join(f"({x:.1f},{y:.1f})" for x, y in points)

    def colour(self, k):
        return self.colours[k % len(self.colours)]

    def word(self):
        return self.rng.choice(WORDS)

    def markup(self):
        inner = "; ".join(self.code)
        return f"#box(width: {self.w:.1f}pt, height: {self.h:.1f}pt, clip: true, {{{inner}}})"


def axes(c, x, y, w, h):
    """Axes around a plotting area, with ticks, labels, perhaps a grid, a title and a legend."""
    rng = c.rng
    if rng.random() < 0.3:
        for k in range(1, 5):
            c.line(x, y + h * k / 5, x + w, y + h * k / 5, "0.3pt + luma(190)")
            if rng.random() < 0.5:
                c.line(x + w * k / 5, y, x + w * k / 5, y + h, "0.3pt + luma(190)")
    if rng.random() < 0.55:
        c.rect(x, y, w, h)
    else:
        c.line(x, y + h, x + w, y + h)
        c.line(x, y, x, y + h)
    if rng.random() < 0.9:
        ticks, step = rng.randint(3, 6), rng.choice([0.1, 0.5, 1, 2, 5, 20, 100])
        for k in range(ticks + 1):
            tx, ty = x + w * k / ticks, y + h - h * k / ticks
            c.line(tx, y + h, tx, y + h + 2, "0.4pt")
            c.line(x - 2, ty, x, ty, "0.4pt")
            c.text(min(tx, c.w - 8), y + h + 3 + c.size / 2, f"{k * step:g}")
            c.text(x - 3 - c.size * 0.9, max(ty, c.size / 2 + 1), f"{k * step * 2:g}")
    if rng.random() < 0.8:
        c.text(x + w / 2, c.h - c.size / 2 - 1, f"{c.word()} \\[{rng.choice(['s', 'ms', 'm', 'kB', '%'])}\\]")
    if rng.random() < 0.7:
        c.text(c.size / 2 + 1, y + h / 2, c.word(), turned=True)
    if y > 9 and rng.random() < 0.6:
        c.text(x + w / 2, c.size / 2 + 1, f"{c.word()} {c.word()}", c.size + 1)


def legend(c, x, y, w, h, names):
    if c.rng.random() < 0.5 or w < 70 or h < 50:
        return
    lw, lh = 44, 9 * names + 4
    lx = c.rng.choice([x + 4, x + w - lw - 4])
    c.rect(lx, y + 4, lw, lh, "white", c.rng.choice(["0.4pt", "none"]))
    for k in range(names):
        c.line(lx + 3, y + 10 + 9 * k, lx + 12, y + 10 + 9 * k, f"1pt + {c.colour(k)}")
        c.text(lx + 28, y + 10 + 9 * k, c.word()[:7], 5.5)


def series(rng, n, kind=None):
    """`n` values from 0 to 1 that look like something measured."""
    kind = kind or rng.choice(["walk", "sine", "rise", "decay", "peak", "noise"])
    t = np.linspace(0, 1, n)
    gen = np.random.default_rng(rng.getrandbits(32))
    y = {"walk": lambda: np.cumsum(gen.normal(size=n)),
         "sine": lambda: np.sin(t * rng.uniform(3, 30) + rng.random() * 6) * np.exp(-t * rng.choice([0, 0, 3])),
         "rise": lambda: 1 - np.exp(-t * rng.uniform(1, 8)) + gen.normal(size=n) * 0.02,
         "decay": lambda: np.exp(-t * rng.uniform(1, 8)) + gen.normal(size=n) * 0.02,
         "peak": lambda: np.exp(-((t - rng.uniform(0.3, 0.7)) / rng.uniform(0.05, 0.2)) ** 2),
         "noise": lambda: gen.normal(size=n) + 3 * t}[kind]()
    low, high = y.min(), y.max()
    return (y - low) / (high - low + 1e-9) * rng.uniform(0.6, 0.95) + 0.02


def chart(rng, w, h):
    c = Canvas(rng, w, h)
    x, y = rng.uniform(20, 30), rng.choice([2, 13])
    pw, ph = w - x - rng.uniform(4, 10), h - y - rng.uniform(20, 28)
    kinds = ["line", "line", "line", "bar", "bar", "scatter", "histogram", "stacked", "heatmap", "box", "area",
             "horizontal", "pie", "contour", "stem", "polar"]
    kind = rng.choice(kinds)
    if kind in ("pie", "polar"):
        return round_chart(c, kind)
    if kind == "heatmap":
        n, m = rng.randint(4, 14), rng.randint(4, 14)
        for i in range(n):
            for j in range(m):
                c.rect(x + pw * i / n, y + ph * j / m, pw / n, ph / m, f"luma({rng.randint(30, 250)})", "none")
        axes(c, x, y, pw, ph)
        return c.markup()
    axes(c, x, y, pw, ph)
    at = lambda t, v: (x + pw * t, y + ph * (1 - v))
    if kind in ("line", "area"):
        n = rng.randint(1, 4)
        for k in range(n):
            values = series(rng, rng.choice([8, 20, 60, 120]))
            points = [at(i / (len(values) - 1), v) for i, v in enumerate(values)]
            if kind == "area":
                c.polygon([at(0, 0), *points, at(1, 0)], c.colour(k) + ".transparentize(60%)", c.colour(k))
                continue
            dash = rng.choice(["solid", "solid", "dashed", "dotted"])
            c.curve(points, f"(paint: {c.colour(k)}, thickness: {rng.choice([0.5, 0.8, 1.2, 1.6])}pt, dash: \"{dash}\")")
            if len(points) < 25 and rng.random() < 0.6:
                for p in points:
                    c.circle(*p, 1.4, c.colour(k), "none")
        legend(c, x, y, pw, ph, n)
    elif kind in ("bar", "stacked", "histogram", "stem"):
        groups = rng.randint(3, 10) if kind != "histogram" else rng.randint(12, 40)
        n = rng.randint(2, 3) if kind == "stacked" else (rng.randint(1, 3) if kind == "bar" else 1)
        values = [series(rng, groups) for _ in range(n)]
        for g in range(groups):
            base = 0.0
            for k in range(n):
                v = values[k][g]
                if kind == "stem":
                    px, py = at((g + 0.5) / groups, v)
                    c.line(px, y + ph, px, py)
                    c.circle(px, py, 1.8, c.colour(k), "0.4pt")
                    continue
                v = v / n if kind == "stacked" else v
                slot = pw / groups
                bw = slot * (1 if kind == "histogram" else 0.7 / (n if kind == "bar" else 1))
                bx = x + slot * g + (0 if kind == "histogram" else slot * 0.15) + (bw * k if kind == "bar" else 0)
                c.rect(bx, y + ph * (1 - base - v), bw, ph * v, c.colour(k), rng.choice(["none", "0.4pt"]))
                base += v if kind == "stacked" else 0
        legend(c, x, y, pw, ph, n)
    elif kind == "horizontal":
        n = rng.randint(3, 9)
        for k, v in enumerate(series(rng, n)):
            c.rect(x, y + ph * (k + 0.15) / n, pw * v, ph * 0.7 / n, c.colour(0), "0.3pt")
    elif kind == "scatter":
        n, clusters = rng.choice([20, 60, 150]), rng.randint(1, 3)
        for k in range(clusters):
            mx, my, sd = rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.8), rng.uniform(0.05, 0.16)
            for _ in range(n // clusters):
                px, py = rng.gauss(mx, sd), rng.gauss(my, sd)
                if 0 < px < 1 and 0 < py < 1:
                    c.circle(*at(px, py), rng.choice([1.0, 1.5]), rng.choice(["none", c.colour(k)]), f"0.4pt + {c.colour(k)}")
        if rng.random() < 0.4:
            c.line(*at(0.05, 0.1), *at(0.95, rng.uniform(0.5, 0.9)))
    elif kind == "box":
        n = rng.randint(2, 8)
        for k in range(n):
            mid, spread = rng.uniform(0.3, 0.7), rng.uniform(0.05, 0.15)
            cx, bw = x + pw * (k + 0.5) / n, pw * 0.4 / n
            top, bottom = at(0, mid + spread)[1], at(0, mid - spread)[1]
            c.rect(cx - bw, top, 2 * bw, bottom - top, rng.choice(["none", c.colour(k)]))
            c.line(cx - bw, at(0, mid)[1], cx + bw, at(0, mid)[1], "1.2pt")
            c.line(cx, top, cx, max(top - ph * 0.12, y))
            c.line(cx, bottom, cx, min(bottom + ph * 0.12, y + ph))
    else:
        for k in range(rng.randint(3, 8)):
            r = (k + 1) * 0.05
            px, py = x + pw * 0.5, y + ph * 0.5
            wave = [(px + pw * r * math.cos(a) * (1 + 0.2 * math.sin(3 * a)), py + ph * r * math.sin(a))
                    for a in np.linspace(0, 2 * math.pi, 40)]
            c.curve(wave, f"0.6pt + {c.colour(k)}")
    return c.markup()


def round_chart(c, kind):
    rng = c.rng
    r = min(c.w, c.h) / 2 - 10
    cx, cy = c.w / 2, c.h / 2
    if kind == "polar":
        for k in range(1, 4):
            c.circle(cx, cy, r * k / 3, "none", "0.3pt + luma(150)")
        for k in range(8):
            c.line(cx, cy, cx + r * math.cos(k * math.pi / 4), cy + r * math.sin(k * math.pi / 4), "0.3pt + luma(150)")
        values = series(rng, 24)
        c.curve([(cx + r * v * math.cos(i * math.pi / 12), cy + r * v * math.sin(i * math.pi / 12))
                 for i, v in enumerate([*values, values[0]])], f"1pt + {c.colour(0)}")
        return c.markup()
    angle = 0.0
    shares = [rng.uniform(0.3, 1) for _ in range(rng.randint(3, 7))]
    for k, share in enumerate(shares):
        end = angle + share / sum(shares) * 2 * math.pi
        arc = [(cx + r * math.cos(a), cy + r * math.sin(a)) for a in np.linspace(angle, end, 24)]
        c.polygon([(cx, cy), *arc], c.colour(k), "0.6pt + white")
        mid = (angle + end) / 2
        c.text(cx + r * 0.65 * math.cos(mid), cy + r * 0.65 * math.sin(mid), f"{share / sum(shares) * 100:.0f}%")
        angle = end
    if c.w > 2 * r + 70:
        for k in range(len(shares)):
            c.rect(c.w - 50, 10 + 11 * k, 7, 7, c.colour(k), "none")
            c.text(c.w - 24, 14 + 11 * k, c.word()[:7])
    return c.markup()


def photo(rng, width, height):
    """A grey raster with the statistics of a photograph: smooth light, texture, a few objects."""
    gen = np.random.default_rng(rng.getrandbits(32))
    yy, xx = np.mgrid[0:height, 0:width]
    u, v = xx / width, yy / height
    image = 90 + 110 * (rng.uniform(-1, 1) * (u - 0.5) + rng.uniform(-1, 1) * (v - 0.5))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    spectrum = np.fft.rfft2(gen.normal(size=(height, width))) / (frequency + 1 / width) ** rng.uniform(0.8, 1.6)
    texture = np.fft.irfft2(spectrum, s=(height, width))
    image = image + texture / (texture.std() + 1e-6) * rng.uniform(8, 45)
    kind = rng.choice(["land", "things", "cells", "texture", "person"])
    if kind == "land":
        ridge = 0.35 + 0.3 * np.interp(np.linspace(0, 1, width), np.linspace(0, 1, 12), gen.random(12))
        image = np.where(v > ridge[None, :], image * 0.55, image * 0.5 + 120)
    elif kind in ("things", "cells"):
        for _ in range(rng.randint(2, 6) if kind == "things" else rng.randint(20, 60)):
            r = rng.uniform(0.08, 0.3) if kind == "things" else rng.uniform(0.02, 0.06)
            d = np.hypot((u - rng.random()) * width / height, v - rng.random()) / r
            image = np.where(d < 1, rng.uniform(20, 230) * (1.1 - 0.5 * d), image)
    elif kind == "person":
        d = np.hypot((u - 0.5) * width / height, v - 0.38) / 0.2
        body = (v > 0.6) & (np.abs(u - 0.5) < 0.15 + 0.5 * (v - 0.6))
        image = np.where(body, 60 + 30 * u, np.where(d < 1, 190 - 60 * d, image))
    return Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
