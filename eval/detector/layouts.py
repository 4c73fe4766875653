"""Documents of many looks: page, type, captions, heads and feet, and a stream of what is on the pages."""

import itertools
from dataclasses import dataclass, field

import parts
import pictures
from diagrams import diagram

PAPERS = {"a4": (595.28, 841.89), "letter": (612, 792), "a5": (419.53, 595.28), "book": (440, 660),
          "wide": (720, 405), "screen": (640, 480)}
SERIF = ["Libertinus Serif", "New Computer Modern", "New Computer Modern", "Liberation Serif", "DejaVu Serif", "P052", "C059",
         "URW Bookman", "Nimbus Roman"]
SANS = ["Liberation Sans", "DejaVu Sans", "Nimbus Sans", "URW Gothic", "Liberation Sans Narrow"]
CJK = {"zh": ["Noto Serif CJK SC", "Noto Sans CJK SC"], "ja": ["Noto Serif CJK JP", "Noto Sans CJK JP"]}
NAMES = {"en": (["Figure", "Fig.", "FIG.", "Figure"], ["Table", "TABLE", "Tab."]), "de": (["Abbildung", "Abb."], ["Tabelle", "Tab."]),
         "ru": (["Рис.", "Рисунок"], ["Таблица"]), "zh": (["图"], ["表"]), "ja": (["図"], ["表"])}

# How often what comes, by kind of document; `text` is a paragraph.
MIXES = {
    "paper": {"text": 42, "figure": 13, "table": 8, "formula": 9, "algorithm": 3, "heading": 8, "list": 3, "listing": 2, "code": 1},
    "report": {"text": 36, "figure": 15, "table": 12, "formula": 3, "algorithm": 1, "heading": 9, "list": 6, "listing": 2, "note": 2},
    "thesis": {"text": 42, "figure": 13, "table": 8, "formula": 11, "algorithm": 3, "heading": 6, "list": 3, "listing": 2},
    "manual": {"text": 30, "figure": 14, "table": 8, "listing": 8, "code": 7, "heading": 10, "list": 9, "note": 4},
    "textbook": {"text": 34, "figure": 14, "table": 4, "formula": 16, "heading": 7, "list": 5, "note": 5, "code": 1},
    "magazine": {"text": 40, "figure": 16, "table": 6, "heading": 9, "note": 3, "list": 2},
    "atlas": {"text": 12, "figure": 34, "table": 14, "heading": 6},
    "plain": {"text": 50, "heading": 8, "list": 8, "contents": 3, "references": 4, "index": 2, "note": 3, "code": 3},
}
PICTURES = {"manual": ["screenshot"] * 5 + ["diagram", "photo", "chart"], "magazine": ["photo"] * 4 + ["chart", "diagram"],
            "textbook": ["diagram"] * 4 + ["chart", "photo"], "slides": ["chart", "diagram", "photo", "screenshot"]}
MARKS = """
#let M(c, k, i, body) = box({
  place(top + left, [#metadata((c: c, k: k, i: i, e: 0))<mark>]); body
  place(bottom + right, [#metadata((c: c, k: k, i: i, e: 1))<mark>]) })
"""
# The typesetter's words on where the marks came to lie.
PLACES = """
#context place(hide[#metadata(json.encode(query(<mark>).map(m => {
  let p = m.location().position(); m.value + (page: p.page, x: repr(p.x), y: repr(p.y)) })))<places>])
"""


@dataclass
class Style:
    name: str
    width: float
    height: float
    paper: int
    columns: int
    language: str
    column_width: float
    caption: dict = field(default_factory=dict)


class Writer:
    """Writes a document's markup; remembers numbers."""

    def __init__(self, rng, style, photos, screenshots):
        self.rng, self.style, self.photos, self.screenshots = rng, style, photos, screenshots
        self.words = parts.Words(rng, style.language)
        self.ids = itertools.count()
        self.numbers = {"figure": 0, "table": 0, "algorithm": 0, "formula": 0}

    def mark(self, name, body, kind=""):
        return f"#M(\"{name}\", \"{kind}\", {next(self.ids)})[{body}]"

    def picture(self, w, h, kind=None):
        kind = kind or self.rng.choice(PICTURES.get(self.style.name, ["chart", "chart", "chart", "diagram", "diagram", "photo", "screenshot"]))
        if kind == "chart":
            return pictures.chart(self.rng, w, h), kind
        if kind == "diagram":
            return diagram(self.rng, w, h), kind
        count = self.photos if kind == "photo" else self.screenshots
        return f"#image(\"{kind}{self.rng.randrange(count)}.png\", width: {w:.1f}pt, height: {h:.1f}pt, fit: \"stretch\")", kind

    def figure_body(self, width):
        rng = self.rng
        panels = rng.choice([1, 1, 1, 1, 1, 2, 2, 3, 4]) if width > 150 else 1
        if panels == 1:
            w = width * rng.uniform(0.45, 1.0)
            body, kind = self.picture(w, min(w * rng.uniform(0.35, 0.9), self.style.height * 0.5))
        else:
            across = rng.choice([k for k in (1, 2, 3, 4) if panels % k == 0 and width / k > 80])
            w = width / across - 8
            h = min(w * rng.uniform(0.5, 0.9), self.style.height * 0.5 / (panels // across))
            kind = rng.choice([None, "chart", "photo"])
            made = [self.picture(w, h, kind) for _ in range(panels)]
            kind = made[0][1]
            sub = rng.choice(["none", "below", "words"])
            cells = []
            for k, (code, _) in enumerate(made):
                note = {"none": "", "below": f"({'abcd'[k]})", "words": f"({'abcd'[k]}) {self.words.some(2)}"}[sub]
                cells.append(f"[{code}" + (f"#linebreak()#text(size: 7.5pt)[{note}]" if note else "") + "]")
            body = f"#grid(columns: {across}, gutter: {rng.choice([4, 6])}pt, align: center, {', '.join(cells)})"
        if rng.random() < 0.12:
            body = f"#box(stroke: 0.5pt, inset: 4pt)[{body}]"
        return body, kind

    def caption(self, family, width):
        rng, look = self.rng, self.style.caption
        self.numbers[family] += 1
        n = self.numbers[family]
        noun = {"figure": look["figure"], "table": look["table"]}.get(family, {"zh": "算法"}.get(self.style.language, "Algorithm"))
        label = f"{noun} {look['chapter']}{n}{look['end']}"
        label = {"bold": f"*{label}*", "italic": f"_{label}_", "caps": f"#smallcaps[{label}]"}.get(look["label"], label)
        text = self.words.some(rng.randint(2, 9)) if rng.random() < look["short"] else self.words.paragraph(4)
        body = f"#set par(justify: {look['justify']}, first-line-indent: 0pt); #set align({look['align']}); #text(size: {look['size']}pt, {look['font']})[{label} {text}]"
        return self.mark("caption", f"#block(width: {width:.1f}pt)[{body}]")

    def floating(self, family, marked, width, above, wide):
        """An object with its caption, in the text, at the page's head or foot, or across the columns."""
        rng, look = self.rng, self.style.caption
        if rng.random() < look["bare"]:
            body = f"#align(center)[{marked}]"
        else:
            caption = self.caption(family, width * rng.choice([1, 1, 1, 0.85]))
            gap = f"#v({look['gap']}pt, weak: false)"
            if look["beside"] and width > 330 and family == "figure" and not above:
                caption = self.caption(family, width * 0.28)
                body = f"#grid(columns: (1fr, auto), column-gutter: 10pt, align: {rng.choice(['top', 'bottom'])}, [{marked}], [{caption}])"
            else:
                body = "#align(center)[" + (caption + gap + marked if above else marked + gap + caption) + "]"
        body = f"#set par(first-line-indent: 0pt, spacing: 0pt); {body}"
        place = "top" if wide and self.style.columns > 1 else rng.choice(["here", "here", "top", "bottom", "auto"])
        if place == "here":
            return f"#block(breakable: false, above: {rng.choice([8, 12, 16])}pt, below: {rng.choice([8, 12, 16])}pt, width: 100%)[{body}]"
        scope = ", scope: \"parent\"" if wide and self.style.columns > 1 else ""
        return f"#place({place}, float: true, clearance: {rng.choice([8, 12, 18])}pt{scope}, block(width: 100%)[{body}])"

    def block_of(self, kind):
        rng, style, words = self.rng, self.style, self.words
        wide = style.columns > 1 and rng.random() < 0.25
        width = (style.column_width + 14) * style.columns - 14 if wide else style.column_width
        if kind == "text":
            return words.paragraph() + "\n"
        if kind == "heading":
            return f"#heading(level: {rng.choice([1, 2, 2, 3])})[{words.heading()}]"
        if kind == "list":
            sign = rng.choice(["- ", "+ ", "/ {}: "])
            return "\n".join(sign.format(words.some(1)) + words.some(rng.randint(3, 20)) for _ in range(rng.randint(2, 7))) + "\n"
        if kind == "figure":
            beside = style.caption["beside"] and width > 330
            body, sub = self.figure_body(width * 0.66 if beside else width)
            return self.floating("figure", self.mark("figure", body, sub), width, style.caption["figure_above"], wide)
        if kind == "table":
            code, full = parts.table(rng, words, width)
            if full:
                code = f"#block(width: {width:.1f}pt)[{code}]"
            return self.floating("table", self.mark("table", code), width, style.caption["table_above"], wide)
        if kind in ("algorithm", "listing"):
            code = parts.algorithm(rng, words) if kind == "algorithm" else parts.listing(rng, True)
            code = f"#set align(left); #block(width: {width:.1f}pt)[{code}]"
            return self.floating("algorithm", self.mark("algorithm", code, kind), width, rng.random() < 0.7, wide)
        if kind == "code":
            code = parts.listing(rng, False)
            return self.mark("ignore", f"#block(width: {style.column_width:.1f}pt)[{code}]") + "\n\n"
        if kind == "formula":
            body, numbered = parts.formula(rng)
            self.numbers["formula"] += 1
            number = f"({self.numbers['formula']})" if numbered else ""
            inner = f"#set par(first-line-indent: 0pt); #box({body})"
            if numbered:
                inner = f"#grid(columns: (1fr, auto, 1fr), align: (left, center, right + horizon), [], [{inner}], [{number}])"
                inner = f"#block(width: {style.column_width:.1f}pt)[{inner}]"
            side = rng.choice(["center", "center", "left"])
            return f"#align({side})[{self.mark('formula', inner)}]"
        return FURNITURE[kind](rng, words)

    def slide(self):
        rng, style = self.rng, self.style
        w, h = style.width - 80, style.height - 130
        bullets = "\n".join(f"- {self.words.some(rng.randint(2, 9))}" for _ in range(rng.randint(2, 5)))
        kind = rng.choice(["text", "figure", "both", "both", "table", "formula", "listing"])
        if kind == "text":
            return bullets
        if kind in ("figure", "both"):
            part = w * (0.5 if kind == "both" else 0.9)
            body, sub = self.picture(part, min(part * rng.uniform(0.4, 0.75), h * 0.85))
            shown = self.mark("figure", body, sub)
            if rng.random() < 0.35:
                shown += f"#v(4pt)" + self.caption("figure", part)
            shown = f"#align(center)[{shown}]"
            return f"#grid(columns: (1fr, auto), column-gutter: 16pt, [{bullets}], [{shown}])" if kind == "both" else shown
        if kind == "table":
            code, full = parts.table(rng, self.words, w * 0.6)
            code = f"#block(width: {w * 0.8:.1f}pt)[{code}]" if full else code
            return f"#align(center)[{self.mark('table', f'#set text(size: 9pt); {code}')}]"
        if kind == "formula":
            return bullets + "\n\n#align(center)[" + self.mark("formula", f"#box({parts.formula(rng)[0]})") + "]"
        return bullets + "\n\n" + self.mark("algorithm", f"#block(width: {w * 0.9:.1f}pt)[{parts.listing(rng, True)}]", "listing")


def contents(rng, words):
    rows = [f"{k + 1}.{rng.randint(1, 9)} {words.some(rng.randint(2, 6))} #box(width: 1fr, repeat[.]) {k * 3 + 1}" for k in range(rng.randint(8, 30))]
    return " \\\n".join(rows) + "\n"


def references(rng, words):
    return "\n\n".join(f"\\[{k + 1}\\] {words.some(4)}. _{words.some(6)}_. {words.some(4)}, 19{rng.randint(60, 99)}." for k in range(rng.randint(5, 20))) + "\n"


def index(rng, words):
    rows = " \\\n".join(f"{words.some(1)}, {rng.randint(1, 300)}" for _ in range(rng.randint(30, 80)))
    return f"#columns(2)[{rows}]"


def note(rng, words):
    look = rng.choice(["stroke: 0.5pt", "fill: luma(240)", "fill: rgb(\"#fdf2d0\")", "stroke: (left: 3pt + luma(120))", "fill: rgb(\"#e3edf9\"), stroke: 0.5pt + luma(140), radius: 4pt"])
    return f"#block(width: 100%, inset: 8pt, {look})[#strong[{words.some(1)}] {words.paragraph(3)}]"


FURNITURE = {"contents": contents, "references": references, "index": index, "note": note}


def caption_look(rng, language, name):
    figures, tables = NAMES[language]
    return {"figure": rng.choice(figures), "table": rng.choice(tables), "end": rng.choice([":", ".", "", " –"]),
            "chapter": rng.choice(["", "", f"{rng.randint(1, 9)}.", f"{rng.randint(1, 9)}-"]),
            "label": rng.choice(["bold", "bold", "italic", "caps", "plain", "plain"]), "size": rng.choice([8, 8.5, 9, 9, 10]),
            "font": rng.choice(["style: \"normal\"", "style: \"normal\"", "style: \"italic\"", "weight: \"bold\"", "fill: luma(60)"]),
            "align": rng.choice(["left", "center", "center"]), "justify": rng.choice(["true", "false"]), "gap": rng.choice([2, 4, 6, 9, 13]),
            "short": rng.choice([0.3, 0.7, 1.0]), "bare": {"manual": 0.35, "textbook": 0.35, "magazine": 0.3}.get(name, rng.choice([0.02, 0.15])),
            "beside": rng.random() < 0.08, "figure_above": rng.random() < 0.06, "table_above": rng.random() < 0.65}


def furniture(rng, writer, slides, width):
    """Running head and foot."""
    def line(name):
        page = "#context counter(page).display()"
        title = writer.words.some(rng.randint(2, 6))
        text = rng.choice([f"{title} #h(1fr) {page}", f"{page} #h(1fr) {title}", f"#h(1fr) {page} #h(1fr)", f"{title} #h(1fr) {writer.words.some(2)}"])
        return f"context M(\"{name}\", \"\", 100000 * (1 + here().page()) + {0 if name == 'header' else 1})[#block(width: {width:.1f}pt, text(size: {rng.choice([7, 8, 9])}pt)[{text}])]"
    rule = lambda: rng.choice(["", "", " + v(2pt, weak: true) + line(length: 100%, stroke: 0.4pt)"])
    head = "none" if rng.random() < 0.3 or slides else line("header") + rule()
    foot = "none" if rng.random() < 0.25 else line("footer")
    return head, foot


def document(rng, photos, screenshots):
    """Markup of a document, and its style."""
    name = rng.choice(["paper", "paper", "paper", "report", "thesis", "thesis", "manual", "manual", "textbook", "magazine", "atlas", "plain", "slides", "slides"])
    language = rng.choice(["en"] * 11 + ["de", "ru", "zh", "zh", "ja"])
    slides = name == "slides"
    paper = rng.choice(["wide", "screen"]) if slides else rng.choice(["a4", "a4", "letter", "letter", "a5" if name in ("thesis", "textbook") else "a4", "book" if name in ("manual", "textbook") else "letter"])
    width, height = PAPERS[paper]
    if not slides and rng.random() < 0.04:
        width, height = height, width
    columns = {"paper": rng.choice([1, 2, 2]), "magazine": rng.choice([2, 3]), "report": rng.choice([1, 1, 2])}.get(name, 1)
    margin = 40 if slides else rng.uniform(0.07, 0.15) * width
    column_width = (width - 2 * margin - 14 * (columns - 1)) / columns
    dark = slides and rng.random() < 0.15
    shade = 30 if dark else (rng.choice([255, 255, 245]) if slides else 255)
    style = Style(name, width, height, shade, columns, language, column_width, caption_look(rng, language, name))
    writer = Writer(rng, style, photos, screenshots)
    font = rng.choice(SANS if slides or name in ("manual", "magazine") and rng.random() < 0.6 else SERIF + SANS[:2])
    fonts = f"(\"{font}\", \"{rng.choice(CJK.get(language, CJK['zh']))}\")"
    size = rng.choice([14, 16, 18]) if slides else (rng.choice([8, 9, 9]) if columns > 1 else rng.choice([9, 10, 10, 11, 12]))
    head, foot = furniture(rng, writer, slides, width - 2 * margin)
    code = [pictures.PRELUDE, MARKS,
            f"#set page(width: {width}pt, height: {height}pt, margin: (x: {margin:.1f}pt, y: {30 if slides else 60}pt), columns: {columns}, fill: luma({shade}), header: {head}, footer: {foot})",
            "#set columns(gutter: 14pt)",
            f"#set text(font: {fonts}, size: {size}pt, top-edge: \"ascender\", bottom-edge: \"descender\", fill: {'white' if dark else 'black'}, hyphenate: false)",
            f"#set par(justify: {rng.choice(['true', 'true', 'false'])}, leading: {rng.choice([0.05, 0.15, 0.3, 0.5])}em, first-line-indent: {rng.choice([0, 0, 12])}pt, spacing: {rng.choice([0.3, 0.7, 1.0])}em)",
            f"#set heading(numbering: {rng.choice(['none', chr(34) + '1.1' + chr(34)])})",
            f"#show heading: set text(font: \"{rng.choice(SANS + [font])}\")" if language not in CJK else ""]
    if slides:
        bar = rng.choice(["none", "none", "rgb(\"#1f3a5f\")", "luma(220)"])
        for _ in range(rng.randint(8, 14)):
            ink = "white" if dark or bar == "rgb(\"#1f3a5f\")" else "black"
            code.append(f"#block(fill: {bar}, width: 100%, inset: 6pt, text(size: {size + 6}pt, fill: {'black' if bar == 'luma(220)' else ink})[{writer.words.heading()}])\n{writer.slide()}\n#pagebreak(weak: true)")
    else:
        mix = MIXES[name]
        if rng.random() < 0.5:
            code.append(f"#align(center)[#text(size: 18pt)[{writer.words.heading()}]\n\n{writer.words.some(4)}]\n\n{writer.words.paragraph()}\n")
        # So many blocks that most documents have five to twelve pages.
        room = width * height / (PAPERS["a4"][0] * PAPERS["a4"][1])
        for _ in range(int(rng.randint(35, 70) * room * (11 / size) ** 2 * (0.5 if name == "atlas" else 1))):
            code.append(writer.block_of(rng.choices(list(mix), list(mix.values()))[0]))
    code.append(PLACES)
    return "\n\n".join(code), style
