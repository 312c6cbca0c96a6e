"""clang-tidy, one file per run, two at a time, on what changed or on everything. A file that was
clean is not looked at again until it, something it includes, its flags or the rules change."""
import argparse
import concurrent.futures
import hashlib
import json
import os
import shlex
import subprocess
import sys
import time

import lint

TIDY = "clang-tidy-14"
CLANG = "clang-14"
# gcc's own warnings are unknown to clang, and gcc's verdict on the rest is the build's business
EXTRA = ["-Wno-unknown-warning-option", "-Wno-error", "-Qunused-arguments"]


def git(root, *args):
    run = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, *args],
                         capture_output=True, text=True, check=False)
    return run.stdout.strip() if run.returncode == 0 else None


def changed_since(root, base):
    """Files that differ from base, or None when there is nothing to compare with."""
    for candidate in [base] if base else ["origin/HEAD", "HEAD~1"]:
        if git(root, "rev-parse", "--verify", "-q", candidate + "^{commit}"):
            fork = git(root, "merge-base", candidate, "HEAD") or candidate
            return set((git(root, "diff", "--name-only", fork) or "").split("\n")) | set(
                (git(root, "ls-files", "-o", "--exclude-standard") or "").split("\n"))
    if base:
        sys.exit(f"tidy: no such commit: {base}")
    return None


def commands(root, build):
    """Relative path -> compiler arguments, for hand-written files."""
    path = os.path.join(build, "compile_commands.json")
    if not os.path.exists(path):
        sys.exit(f"tidy: {path} is missing; run cmake --preset dev")
    with open(path, encoding="utf-8") as f:
        entries = json.load(f)
    result = {}
    for entry in entries:
        name = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
        if name.startswith(("src/", "adapters/")):
            result[name] = (entry["directory"], shlex.split(entry["command"]))
    return result


def key_of(root, name, directory, arguments, rules):
    """Hash of all that the verdict rests on: the file with everything it includes, comments kept
    (they may switch a rule off), its flags and the rules. None when it does not preprocess."""
    plain = arguments[1:]
    for flag in ("-o", "-c", "-MF", "-MT", "-MQ"):
        while flag in plain:
            at = plain.index(flag)
            del plain[at:at + 2]
    plain = [a for a in plain if a not in ("-MD", "-MMD")]
    run = subprocess.run([CLANG, *plain, *EXTRA, "-w", "-E", "-C", os.path.join(root, name)],
                         cwd=directory, capture_output=True, check=False)
    if run.returncode != 0:
        return None
    h = hashlib.sha256(rules)
    with open(os.path.join(root, name), "rb") as f:
        h.update(f.read())
    h.update("\0".join(plain).encode())
    h.update(run.stdout)
    return h.hexdigest()


def tidy_one(job):
    root, build, cache, name, (directory, arguments), rules = job
    key = key_of(root, name, directory, arguments, rules)
    mark = os.path.join(cache, key) if key else None
    if mark and os.path.exists(mark):
        os.utime(mark)
        return name, None, True
    run = subprocess.run([TIDY, "--quiet", "-p", build, *("--extra-arg=" + e for e in EXTRA),
                          os.path.join(root, name)], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return name, run.stdout or run.stderr, False
    if mark:
        with open(mark, "w", encoding="utf-8") as f:
            f.write(name + "\n")
    return name, None, False


def drop_old(cache, days=30):
    for mark in os.scandir(cache):
        if mark.stat().st_mtime < time.time() - days * 86400:
            os.unlink(mark.path)


def main():
    parser = argparse.ArgumentParser(prog="tidy")
    parser.add_argument("--all", action="store_true", help="every file, not only changed ones")
    parser.add_argument("--base", help="commit to compare with; origin/HEAD or HEAD~1 otherwise")
    parser.add_argument("--sources", action="store_true",
                        help="changed sources alone, though a changed header may matter to others")
    parser.add_argument("--root", default=lint.ROOT)
    parser.add_argument("--build", help="build tree with compile_commands.json")
    args = parser.parse_args()
    build = args.build or os.path.join(args.root, "build", "dev")
    cache = os.path.join(args.root, "build", "lint-cache")
    os.makedirs(cache, exist_ok=True)
    drop_old(cache)

    table = commands(args.root, build)
    changed = None if args.all else changed_since(args.root, args.base)
    if changed is not None:
        headers = any(n.endswith((".h", ".def")) or n == ".clang-tidy" for n in changed)
        # a changed header may matter to every file; the cache keeps that cheap
        if not headers or args.sources:
            table = {n: c for n, c in table.items() if n in changed}
    with open(os.path.join(args.root, ".clang-tidy"), "rb") as f:
        rules = f.read()
    rules += subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout

    bad = known = 0
    jobs = [(args.root, build, cache, n, c, rules) for n, c in sorted(table.items())]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, report, was_known in pool.map(tidy_one, jobs):
            known += was_known
            if report is not None:
                bad += 1
                print(f"{name}:\n{report}")
    print(f"tidy: {len(jobs)} files, {known} known clean, {bad} with findings")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
