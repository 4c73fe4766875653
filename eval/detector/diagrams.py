"""Diagrams and screenshots as Typst code, in the manner of pictures.py."""

import math

from pictures import Canvas


def flow(c):
    """Boxes on a grid with arrows between neighbours."""
    rng = c.rng
    columns = max(1, min(5, int(c.w / rng.uniform(60, 100))))
    rows = max(1, min(6, int(c.h / rng.uniform(35, 60))))
    if columns * rows == 1:
        columns = 2
    cw, ch = c.w / columns, c.h / rows
    fill = rng.choice(["none", "none", "luma(235)", "rgb(\"#dde8f7\")", "rgb(\"#f9e3c8\")"])
    shape = rng.choice(["rect", "rect", "ellipse", "mixed"])
    there = {}
    for i in range(columns):
        for j in range(rows):
            if rng.random() < 0.85 or not there:
                bw, bh = cw * rng.uniform(0.55, 0.72), ch * rng.uniform(0.4, 0.6)
                there[i, j] = (cw * (i + 0.5), ch * (j + 0.5), bw / 2, bh / 2)
    for (i, j), (x, y, bw, bh) in there.items():
        for other, ends in (((i + 1, j), "across"), ((i, j + 1), "down"), ((i + 1, j + 1), "slant")):
            if other not in there or rng.random() < (0.85 if ends == "slant" else 0.2):
                continue
            ox, oy, ow, oh = there[other]
            if ends == "across":
                c.arrow(x + bw, y, ox - ow, oy)
            elif ends == "down":
                c.arrow(x, y + bh, ox, oy - oh)
            else:
                c.arrow(x + bw, y + bh / 2, ox - ow, oy - oh / 2)
    for x, y, bw, bh in there.values():
        kind = shape if shape != "mixed" else rng.choice(["rect", "ellipse", "diamond"])
        if kind == "ellipse":
            c.ellipse(x - bw, y - bh, 2 * bw, 2 * bh, fill)
        elif kind == "diamond":
            c.polygon([(x, y - bh), (x + bw, y), (x, y + bh), (x - bw, y)], fill)
        else:
            c.rect(x - bw, y - bh, 2 * bw, 2 * bh, fill)
        c.text(x, y, c.word()[: max(3, int(bw / 2.2))])


def tree(c):
    depth, spread = c.rng.choice([(3, 2), (4, 2), (3, 3), (5, 2)])
    r = c.rng.choice([2, 5, 7])
    fill = c.rng.choice(["white", "luma(220)", "black"]) if r > 2 else "black"
    turned = c.rng.random() < 0.3
    at = lambda level, k: ((k + 0.5) / spread ** level, (level + 0.5) / depth)
    place = lambda p: (p[1] * c.w, p[0] * c.h) if turned else (p[0] * c.w, p[1] * c.h)
    nodes = [(0, 0)]
    for level in range(1, depth):
        for k in range(spread ** level):
            if (level - 1, k // spread) in nodes and c.rng.random() < 0.85:
                nodes.append((level, k))
                c.line(*place(at(level - 1, k // spread)), *place(at(level, k)))
    for level, k in nodes:
        x, y = place(at(level, k))
        c.circle(x, y, r, fill)
        if r > 4 and fill == "white":
            c.text(x, y, f"{c.rng.randint(1, 99)}", 5)


def network(c):
    n = c.rng.randint(5, 14)
    r = c.rng.choice([2, 4, 7])
    points = [(c.rng.uniform(10, c.w - 10), c.rng.uniform(10, c.h - 10)) for _ in range(n)]
    for i in range(n):
        for j in range(i):
            if c.rng.random() < 2.2 / n:
                (c.arrow if c.rng.random() < 0.3 else c.line)(*points[i], *points[j])
    for k, (x, y) in enumerate(points):
        c.circle(x, y, r, c.rng.choice(["white", "white", c.colour(k)]))
        if r == 7:
            c.text(x, y, "ABCDEFGHIJKLMN"[k], 6)


def layers(c):
    """Bars on top of one another, as architectures are drawn."""
    n = c.rng.randint(3, 6)
    for k in range(n):
        y, h = c.h * k / n, c.h / n - 4
        parts = c.rng.randint(1, 4)
        for p in range(parts):
            x, w = c.w * p / parts, c.w / parts - (4 if parts > 1 else 1)
            c.rect(x + 0.5, y + 0.5, w - 1, h, c.colour(k) + ".lighten(60%)" if c.rng.random() < 0.6 else "none")
            c.text(x + w / 2, y + h / 2, c.word()[: max(3, int(w / 5))])


def sequence(c):
    n = c.rng.randint(2, 4)
    xs = [c.w * (k + 0.5) / n for k in range(n)]
    for x in xs:
        c.rect(x - c.w * 0.35 / n, 1, c.w * 0.7 / n, 14)
        c.text(x, 8, c.word()[:7])
        c.line(x, 15, x, c.h - 1, "(thickness: 0.5pt, dash: \"dashed\")")
    y = 28.0
    while y < c.h - 6:
        k = c.rng.randrange(n - 1)
        a, b = (xs[k], xs[k + 1]) if c.rng.random() < 0.6 else (xs[k + 1], xs[k])
        c.arrow(a, y, b, y)
        c.text((a + b) / 2, y - 4, c.word(), 5)
        y += c.rng.uniform(14, 22)


def geometry(c):
    """Outlines, angles and letters, as in textbooks; much white between them."""
    rng = c.rng
    corners = [(rng.uniform(12, c.w - 12), rng.uniform(12, c.h - 12)) for _ in range(rng.randint(3, 6))]
    middle = [sum(p[k] for p in corners) / len(corners) for k in (0, 1)]
    corners.sort(key=lambda p: math.atan2(p[1] - middle[1], p[0] - middle[0]))
    c.polygon(corners, rng.choice(["none", "none", "luma(230)"]))
    for k, (x, y) in enumerate(corners):
        c.text(x + (7 if x > middle[0] else -7), y + (6 if y > middle[1] else -6), f"$ {'ABCDEF'[k]} $", 8)
    if rng.random() < 0.6:
        r = min(c.w, c.h) * rng.uniform(0.2, 0.45)
        c.circle(c.w / 2, c.h / 2, r)
    for _ in range(rng.randint(0, 3)):
        a, b = rng.sample(corners, 2)
        c.line(*a, *b, "(thickness: 0.5pt, dash: \"dashed\")")


def circuit(c):
    """A ladder of small parts joined by wires."""
    n = c.rng.randint(2, 5)
    top, bottom = 10, c.h - 10
    c.line(6, top, c.w - 6, top)
    c.line(6, bottom, c.w - 6, bottom)
    for k in range(n + 1):
        x = 6 + (c.w - 12) * k / n
        mid, half = (top + bottom) / 2, min(14, (bottom - top) / 4)
        c.line(x, top, x, mid - half)
        c.line(x, mid + half, x, bottom)
        if c.rng.random() < 0.4:
            c.rect(x - 4, mid - half, 8, 2 * half)
        elif c.rng.random() < 0.5:
            c.circle(x, mid, min(half, 5.5))
        else:
            steps = [(x + (4 if s % 2 else -4), mid - half + 2 * half * s / 7) for s in range(1, 7)]
            c.curve([(x, mid - half), *steps, (x, mid + half)])
        if k < n and c.rng.random() < 0.6:
            px = x + (c.w - 12) / n / 2
            c.rect(px - 9, top - 4, 18, 8, "white")
            c.text(px, top + 10, f"$R_{k}$", 7)


def timing(c):
    n = c.rng.randint(2, 6)
    for k in range(n):
        low, high = c.h * (k + 0.85) / n, c.h * (k + 0.25) / n
        c.text(14, (low + high) / 2, c.word()[:5], 6)
        x, up, points = 30.0, False, [(30.0, low)]
        while x < c.w - 4:
            x = min(x + c.rng.uniform(6, 30), c.w - 3)
            points.append((x, high if up else low))
            up = not up
            points.append((x, high if up else low))
        c.curve(points)


def commutative(c):
    """Letters and arrows only."""
    n, m = c.rng.randint(2, 4), c.rng.randint(2, 3)
    at = lambda i, j: (12 + (c.w - 24) * i / (n - 1), 10 + (c.h - 20) * j / (m - 1))
    for i in range(n):
        for j in range(m):
            x, y = at(i, j)
            c.text(x, y, f"${c.rng.choice('ABCXYZFG')}_{i}$", 9)
            if i + 1 < n:
                c.arrow(x + 11, y, at(i + 1, j)[0] - 11, y, "0.5pt")
            if j + 1 < m:
                c.arrow(x, y + 9, x, at(i, j + 1)[1] - 9, "0.5pt")


DIAGRAMS = [flow, flow, flow, tree, network, layers, sequence, geometry, circuit, timing, commutative]


def diagram(rng, w, h):
    c = Canvas(rng, w, h)
    c.size = rng.choice([6, 7, 8])
    rng.choice(DIAGRAMS)(c)
    return c.markup()


def screenshot(rng, w, h):
    """A window of a desktop program or a terminal, as a page of its own to be made a raster."""
    c = Canvas(rng, w, h)
    if rng.random() < 0.25:
        dark = rng.random() < 0.6
        c.rect(0, 0, w, h, "luma(25)" if dark else "luma(250)", "0.8pt + luma(90)")
        c.rect(0, 0, w, 12, "luma(190)", "none")
        y = 19.0
        while y < h - 5:
            words = " ".join(c.word() for _ in range(rng.randint(1, max(1, int(w / 45)))))
            paint = "luma(220)" if dark else "luma(30)"
            c.code.append(f"place(dx: 5pt, dy: {y:.1f}pt, text(size: 6pt, font: \"DejaVu Sans Mono\", fill: {paint})[{words}])")
            y += 9
        return c.markup()
    c.rect(0, 0, w, h, rng.choice(["luma(240)", "luma(225)", "white"]), "0.8pt + luma(100)")
    c.rect(0, 0, w, 13, rng.choice(["rgb(\"#3a6ea5\")", "luma(200)", "luma(60)"]), "none")
    c.text(w / 2, 6.5, f"{c.word()} {c.word()}", 6)
    for k in range(3):
        c.circle(w - 7 - 10 * k, 6.5, 3, "luma(230)", "0.3pt")
    for k in range(min(6, int(w / 40))):
        c.text(16 + 32 * k, 20, c.word()[:6], 5.5)
    for k in range(min(9, int(w / 20))):
        c.rect(5 + 15 * k, 27, 11, 11, rng.choice(["luma(210)", "luma(160)", "white"]), "0.4pt + luma(120)")
    side = w * rng.choice([0, 0.25, 0.35])
    if side:
        c.rect(4, 43, side - 6, h - 54, "white", "0.4pt + luma(150)")
        for k in range(int((h - 62) / 9)):
            c.text(4 + side / 2 + rng.choice([-6, 0, 6]), 50 + 9 * k, c.word(), 5.5)
    x0, y0 = side + 4, 43
    c.rect(x0, y0, w - x0 - 4, h - y0 - 11, rng.choice(["white", "luma(248)"]), "0.4pt + luma(150)")
    body = rng.choice(["form", "list", "text"])
    y = y0 + 9
    while y < h - 18:
        if body == "form":
            c.text(x0 + 25, y, c.word(), 5.5)
            c.rect(x0 + 52, y - 4, max(10, w - x0 - 66), 8, "white", "0.4pt + luma(130)")
            y += 14
        elif body == "list":
            for k in range(max(2, int((w - x0) / 45))):
                c.text(x0 + 22 + 44 * k, y, c.word()[:8], 5.5)
            c.line(x0, y + 4.5, w - 4, y + 4.5, "0.3pt + luma(215)")
            y += 9.5
        else:
            n = max(1, int((w - x0) / 32))
            c.text((x0 + w) / 2, y, " ".join(c.word()[:6] for _ in range(n)), 5.5)
            y += 9
    c.text(30, h - 5, c.word(), 5)
    return c.markup()
