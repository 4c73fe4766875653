#!/usr/bin/env python3
"""Makes gold files of fixtures from what their sources say (`expected.json`), to be checked by hand.

    pip install pymupdf
    python3 eval/gold/from_fixture.py NAME ...

Besides the mentions, a gold file has the links that the sources state and no word of the document
does: a paragraph that a picture stands beside, and one that discusses it without naming it. A development
tool: `docalign eval --gold eval/gold` needs none of this.
"""

import hashlib
import json
import pathlib
import sys
import unicodedata

import pymupdf

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "fixtures"
# What the sources do not know.
UNKNOWN = "\ufffc"
# Kinds of visuals and what their labels call them; pictures of all kinds are figures.
LABELS = {"table": "table", "algorithm": "algorithm", "listing": "listing"}


def letters(text):
    """What typesetters leave alone."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def first_word(document, paragraph):
    """The box of a paragraph's first word: where the page goes on as the paragraph does."""
    words = document[paragraph["page"]].get_text("words")
    wanted = letters(paragraph["text"].split(UNKNOWN)[0])
    page, starts = "", {}
    for word in words:
        if letters(word[4]):
            starts[len(page)] = word
            page += letters(word[4])
    for length in (60, 30, 15):
        places = [at for at in starts if page.startswith(wanted[:length], at)]
        if len(places) == 1:
            return [round(v, 1) for v in starts[places[0]][:4]]
    raise ValueError(f"{paragraph['text'][:40]!r} is {len(places)} times on page {paragraph['page'] + 1}")


def gold(name):
    expected = json.loads((FIXTURES / name / "expected.json").read_text())
    pdf = FIXTURES / name / f"{name}.pdf"
    document = pymupdf.open(pdf)

    def box(at):
        return first_word(document, expected["paragraphs"][at])

    visuals = {v["id"]: v for v in expected["visuals"]}

    def target(visual):
        kind = LABELS.get(visual["kind"], "figure")
        if not visual["captions"]:
            region = visual["regions"][0]
            return {"kind": kind, "number": visual["number"], "page": region["page"],
                    "bbox": region["bbox"], "caption": ""}
        at = visual["captions"][0]
        caption = expected["paragraphs"][at]
        return {"kind": kind, "number": visual["number"], "page": caption["page"],
                "bbox": box(at), "caption": caption["text"][:100]}

    links, seen = [], set()
    for said in expected["mentions"] + expected["beside"] + expected["implicit"]:
        paragraph = expected["paragraphs"][said["paragraph"]]
        for visual in said["visuals"]:
            # A caption that names another figure is no running text; formulas are not measured.
            if visuals[visual]["kind"] == "formula" or paragraph["kind"] == "caption":
                continue
            if (said["paragraph"], visual) not in seen:
                seen.add((said["paragraph"], visual))
                links.append({"origin": "manual", "page": paragraph["page"], "bbox": box(said["paragraph"]),
                              "text": said.get("text", ""), "context": paragraph["text"][:200],
                              "target": target(visuals[visual])})
    sha256 = hashlib.sha256(pdf.read_bytes()).hexdigest()
    return {"schema": "docalign-gold/1", "file_name": pdf.name, "sha256": sha256, "links": links}


for name in sys.argv[1:]:
    made = gold(name)
    (HERE / f"{name}.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    print(f"{name}: {len(made['links'])} links")
