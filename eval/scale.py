#!/usr/bin/env python3
"""What `docalign corpus` costs besides reading:
python3 eval/scale.py DOCALIGN [FOLDER OF PDFS [FLAG...]]

Memory of the first process over many small files, time a file for its journal, time to go on with
a long journal; with a folder of real documents, pages a second with one and two workers, which are
given the flags."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

SMALL_FILES = 10_000
JOURNAL_LINES = 100_000


def small_pdf(number):
    """A page with a line of text, different for each number."""
    text = f"BT /F1 12 Tf 72 700 Td (Figure {number} shows what is meant.) Tj ET".encode()
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for at, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (at, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n"
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def fill(folder, count, same):
    for number in range(count):
        path = f"{folder}/{number // 1000:04}"
        os.makedirs(path, exist_ok=True)
        with open(f"{path}/{number:06}.pdf", "wb") as file:
            file.write(small_pdf(0 if same else number))


def timed(program, inputs, out, *flags):
    """Runs to the end; seconds of the clock and of the processors."""
    before, start = os.times(), time.monotonic()
    subprocess.run(
        [program, "corpus", inputs, "-o", out, "-q", *flags],
        stderr=subprocess.DEVNULL,
        check=False,
    )
    after = os.times()
    cpu = after.children_user + after.children_system
    return time.monotonic() - start, cpu - before.children_user - before.children_system


def memory(program, inputs, out):
    """Resident MiB of the first process after each thousand files."""
    run = subprocess.Popen(
        [program, "corpus", inputs, "-o", out, "--log", "json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    files, samples = 0, []
    for line in run.stderr:
        if json.loads(line)["event"] == "file":
            files += 1
            if files % 1000 == 0:
                status = open(f"/proc/{run.pid}/status").read()
                samples.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    run.wait()
    return samples


def small_files(program, work):
    os.mkdir(f"{work}/small")
    fill(f"{work}/small", SMALL_FILES, same=False)
    samples = memory(program, f"{work}/small", f"{work}/small-out")
    text = " ".join(f"{sample:.1f}" for sample in samples)
    print(f"MiB of the first process after each 1,000 of {SMALL_FILES} files: {text}")


def journal(program, work):
    # Copies of one file are hashed and recorded, nothing else.
    os.mkdir(f"{work}/same")
    fill(f"{work}/same", JOURNAL_LINES, same=True)
    flags = ("--format", "json")
    seconds, _ = timed(program, f"{work}/same", f"{work}/same-out", *flags)
    each = seconds / JOURNAL_LINES * 1000
    print(f"{each:.3f} ms for each of {JOURNAL_LINES} copies, hashed and recorded")
    seconds, _ = timed(program, f"{work}/same", f"{work}/same-out", *flags)
    print(f"{seconds:.2f} s to find that {JOURNAL_LINES} recorded files are done")


def speed(program, inputs, work, flags):
    results = {}
    for workers in (1, 2):
        out = f"{work}/speed-{workers}"
        seconds, cpu = timed(program, inputs, out, "--workers", str(workers), *flags)
        report = subprocess.run(
            [program, "corpus", "merge-report", out, "--json"], stdout=subprocess.PIPE, check=False
        )
        pages = json.loads(report.stdout)["total"]["pages"]
        results[workers] = pages / seconds
        print(
            f"{workers} workers: {pages} pages in {seconds:.1f} s, {pages / seconds:.0f} pages/s; "
            f"{cpu:.1f} s of processor, {cpu / pages * 1000:.2f} ms a page"
        )
    print(f"two workers are {results[2] / results[1]:.2f} times as fast as one")


def main():
    program = os.path.abspath(sys.argv[1])
    work = tempfile.mkdtemp(prefix="docalign-scale-")
    try:
        small_files(program, work)
        journal(program, work)
        if len(sys.argv) > 2:
            speed(program, sys.argv[2], work, sys.argv[3:])
    finally:
        shutil.rmtree(work)


main()
