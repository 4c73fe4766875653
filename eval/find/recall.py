#!/usr/bin/env python3
"""How often `docalign find` has a right answer among its first 1, 3 and 10 results.

    eval/find/recall.py PROGRAM FOLDER [QUESTIONS] [--encoder MODEL.onnx | --lexical]

PROGRAM is docalign, FOLDER holds the documents (as eval/materialise.py --split test brings them),
QUESTIONS is the questions.json beside this file. A result is right when it is one of the answers:

  visual     its label is the answer's, white space and capitals apart; where the answer has no
             label, it is on the answer's page
  paragraph  it begins on the answer's page and holds the quote, white space apart

Pages are 0-based. A question that the program fails on, or whose document is missing or another
one (SHA-256), counts as one without a right answer, and the exit status is 1.
--encoder is given on to `docalign find`. --lexical ranks without `docalign find`, as the baseline: BM25 over the paragraphs, or the captions,
of `docalign PDF --format json`.
"""

import argparse
import collections
import functools
import hashlib
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata

DEPTHS = (1, 3, 10)
TOP = max(DEPTHS)
ONLY = {"visual": "visuals", "paragraph": "paragraphs"}
# The usual values of BM25 (Robertson and Zaragoza 2009).
SATURATION, LENGTH = 1.2, 0.75
# Kana and Han, which put no spaces between words.
UNSPACED = "\u3040-\u30ff\u3400-\u9fff"


def normal(text):
    """Without white space: readers of PDF differ in whether Chinese has any where a line ends."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def label(text):
    """Nothing for a visual without a label, which then equals no answer's."""
    return normal(text or "").replace("fig.", "figure").rstrip(".:")


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


@functools.cache
def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


@functools.cache
def scratch():
    """A folder that is gone when the script is."""
    return tempfile.TemporaryDirectory(prefix="docalign-")


@functools.cache
def embedded(program, path, encoder):
    """The file of a document's vectors."""
    file = str(pathlib.Path(scratch().name) / f"{sha256(path)}.parquet")
    run([program, "embed", "-q", path, "--encoder", encoder, "-o", file])
    return file


def find(program, path, question, encoder=None):
    """The program's results, best first."""
    only = ONLY[question["kind"]]
    options = ["--top", str(TOP), "--only", only, "--format", "json"]
    if encoder:
        options += ["--encoder", encoder, "--embeddings", embedded(program, path, encoder)]
    lines = run([program, "find", path, question["question"], *options]).splitlines()
    return [json.loads(line) for line in lines if line.strip()]


@functools.cache
def candidates(program, path):
    """What the baseline ranks, by kind: paragraphs, and visuals with their captions for a text."""
    document = json.loads(run([program, path, "--format", "json", "-o", "-"]))
    captions = {paragraph["id"]: paragraph["text"] for paragraph in document["paragraphs"]}
    return {
        "paragraph": [
            {"page": one["regions"][0]["page"], "label": None, "text": one["text"]}
            for one in document["paragraphs"]
        ],
        "visual": [
            {
                "page": one["regions"][0]["page"],
                "label": one["label"],
                "text": captions.get(one["caption"], ""),
            }
            for one in document["visuals"]
        ],
    }


def terms(text):
    """Words, and the pairs of neighbours in scripts without spaces between words."""
    found = []
    for word in re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()):
        for piece in re.findall(f"[{UNSPACED}]+|[^{UNSPACED}]+", word):
            if len(piece) > 1 and re.match(f"[{UNSPACED}]", piece):
                found += [piece[i : i + 2] for i in range(len(piece) - 1)]
            else:
                found.append(piece)
    return found


def lexical(program, path, question):
    """The candidates that share a term with the question, best first."""
    pool = candidates(program, path)[question["kind"]]
    counts = [collections.Counter(terms(one["text"])) for one in pool]
    lengths = [sum(count.values()) for count in counts]
    mean = sum(lengths) / len(pool) if any(lengths) else 1
    having = collections.Counter(term for count in counts for term in count)
    scores = [0.0] * len(pool)
    for term in set(terms(question["question"])):
        rarity = math.log(1 + (len(pool) - having[term] + 0.5) / (having[term] + 0.5))
        for i, count in enumerate(counts):
            damping = SATURATION * (1 - LENGTH + LENGTH * lengths[i] / mean)
            scores[i] += rarity * count[term] * (SATURATION + 1) / (count[term] + damping)
    order = sorted(range(len(pool)), key=lambda i: -scores[i])
    return [pool[i] for i in order if scores[i] > 0][:TOP]


def right(result, question):
    for answer in question["answers"]:
        if question["kind"] == "paragraph":
            same_page = result["page"] == answer["page"]
            if same_page and normal(answer["quote"]) in normal(result["text"]):
                return True
        elif answer["label"] is None:
            if result["page"] == answer["page"]:
                return True
        elif label(result["label"]) == label(answer["label"]):
            return True
    return False


def summary(name, ranks):
    parts = []
    for depth in DEPTHS:
        hits = sum(rank is not None and rank <= depth for rank in ranks)
        parts.append(f"@{depth} {hits / len(ranks):.2f} ({hits}/{len(ranks)})")
    print(f"{name:24}" + "  ".join(parts))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    beside = pathlib.Path(__file__).with_name("questions.json")
    parser.add_argument("questions", type=pathlib.Path, nargs="?", default=beside)
    parser.add_argument("--encoder", metavar="MODEL.onnx", help="a sentence encoder for docalign find")
    parser.add_argument("--lexical", action="store_true", help="BM25 instead of docalign find")
    options = parser.parse_args()

    groups, failed = collections.defaultdict(list), False
    for question in json.loads(options.questions.read_text(encoding="utf-8")):
        path = str(options.folder / question["file_name"])
        try:
            if sha256(path) != question["sha256"]:
                raise ValueError("not the document that the question was asked about")
            ranking = lexical if options.lexical else functools.partial(find, encoder=options.encoder)
            results = ranking(options.program, path, question)[:TOP]
        except (RuntimeError, ValueError, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            results, failed = [], True
        rank = next((i for i, one in enumerate(results, 1) if right(one, question)), None)
        print(f"{rank or '-':>3}  {question['kind']:9}  {question['question']}")
        names = ["all", question["kind"], f"language {question['language']}"]
        if "document_language" in question:
            names.append("across languages")
        for name in names:
            groups[name].append(rank)
    print()
    for name in sorted(groups, key=lambda name: (name != "all", name.startswith("language"), name)):
        summary(name, groups[name])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
