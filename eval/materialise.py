#!/usr/bin/env python3
"""Brings the documents of a corpus list into a folder.

The list names a Debian package, a path in it and the SHA-256 of the document for each line. The
packages are downloaded with apt-get, from wherever the system takes its packages, unpacked, and
dropped again. Documents that are already there are kept, so that a run that was cut off goes on
where it stopped. What cannot be had, or has changed, is named at the end (exit status 1).

usage: eval/materialise.py [--split PART] [LIST] [FOLDER]
       (all parts, eval/corpus/dev.tsv, target/corpus/dev)
"""

import argparse
import csv
import gzip
import hashlib
import pathlib
import subprocess
import sys
import tarfile
import tempfile


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def place(folder, row):
    """Where a document goes: the package keeps equal names apart."""
    return folder / f"{row['package']}__{pathlib.PurePosixPath(row['path']).name}"


def download(row, folder):
    """The package file, or None. The version of the list first, else the one on offer."""
    version = row["deb"].removeprefix(row["package"] + "_").rsplit("_", 1)[0].replace("%3a", ":")
    for wanted in (f"{row['package']}={version}", row["package"]):
        done = subprocess.run(
            ["apt-get", "download", "-q", wanted],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        found = list(pathlib.Path(folder).glob("*.deb"))
        if done.returncode == 0 and found:
            return found[0]
    return None


def documents(deb, paths):
    """The bytes of the documents in a package, those packed with gzip unpacked."""
    wanted = {}
    for path in paths:
        wanted["." + path] = wanted["." + path + ".gz"] = path
    found = {}
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE
    ) as unpacker:
        with tarfile.open(fileobj=unpacker.stdout, mode="r|") as tar:
            for member in tar:
                if member.name in wanted and member.isfile():
                    content = tar.extractfile(member).read()
                    if member.name.endswith(".gz"):
                        content = gzip.decompress(content)
                    found[wanted[member.name]] = content
    return found


def fetch(rows, folder):
    """Brings the documents of one package; returns what went wrong by path."""
    with tempfile.TemporaryDirectory() as scratch:
        deb = download(rows[0], scratch)
        if deb is None:
            return {row["path"]: "package not to be had" for row in rows}
        try:
            contents = documents(deb, [row["path"] for row in rows])
        except (tarfile.TarError, OSError) as error:
            return {row["path"]: f"package not to be unpacked: {error}" for row in rows}
    problems = {}
    for row in rows:
        content = contents.get(row["path"])
        if content is None:
            problems[row["path"]] = "not in the package"
        elif hashlib.sha256(content).hexdigest() != row["sha256"]:
            problems[row["path"]] = "differs from the list's"
        else:
            target = place(folder, row)
            part = target.with_suffix(".part")
            part.write_bytes(content)
            part.rename(target)
    return problems


def main():
    root = pathlib.Path(__file__).resolve().parent
    flags = argparse.ArgumentParser(description="Brings the documents of a corpus list into a folder.")
    flags.add_argument("--split", choices=["train", "validation", "test"], help="only this part")
    flags.add_argument("list", nargs="?", type=pathlib.Path, default=root / "corpus/dev.tsv")
    flags.add_argument(
        "folder", nargs="?", type=pathlib.Path, default=root.parent / "target/corpus/dev"
    )
    flags = flags.parse_args()
    folder = flags.folder
    folder.mkdir(parents=True, exist_ok=True)
    packages = {}
    with open(flags.list, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if flags.split in (None, row.get("split")):
                packages.setdefault(row["package"], []).append(row)
    problems = []
    total = missing = 0
    for package, rows in packages.items():
        total += len(rows)
        todo = [
            row
            for row in rows
            if not place(folder, row).exists() or sha256(place(folder, row)) != row["sha256"]
        ]
        if todo:
            print(f"{package}: {len(todo)} documents", file=sys.stderr, flush=True)
            failed = fetch(todo, folder)
            missing += len(failed)
            problems += [f"{package} {path}: {why}" for path, why in failed.items()]
    print(f"{total - missing} of {total} documents in {folder}")
    for problem in problems:
        print(f"missing: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
