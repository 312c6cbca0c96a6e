"""Packages of npm for tests: installed once, as the lock file says, into build/peers/NAME-HASH
(KONTOR_PEERS names another folder). Where they cannot be had Missing is raised with the reason.
"""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
INSTALL_S = 300


class Missing(Exception):
    """What is needed cannot be had here."""


def node_modules(source=HERE / "node", name="soap"):
    """The folder node_modules of what source/package-lock.json lists."""
    for word in ("node", "npm"):
        if shutil.which(word) is None:
            raise Missing(f"no {word} here (scripts/deps --test installs it)")
    files = [source / "package.json", source / "package-lock.json"]
    named = os.environ.get("KONTOR_PEERS")
    store = pathlib.Path(named) if named else HERE.parent.parent / "build" / "peers"
    store.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]
    folder = store / f"{name}-{digest}"
    with open(store / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _install(folder, files)
    return folder / "node_modules"


def _install(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder)
    try:
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
                              cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired as late:
        raise Missing(f"npm did not end within {INSTALL_S} s") from late
    if done.returncode != 0:
        words = done.stdout.decode(errors="replace").strip().splitlines()
        told = next((w for w in words if "error" in w.lower()), words[-1] if words else "no word")
        raise Missing(f"npm cannot install {folder.name}: {told}")
    (folder / "done").touch()
