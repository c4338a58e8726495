#!/usr/bin/env python3
"""Makes oneDNN and its OpenMP runtime available to the build.

A oneDNN that pkg-config knows is used where it is; if its library lies outside the system's own
folders, `.deps/lib` gets links to it, because that is where the products look at run time.
Otherwise the pinned wheels are downloaded, verified and unpacked into `.deps`. What is there
already is left alone, and `.deps` only ever changes as a whole.
"""

import ctypes
import hashlib
import importlib.util
import os
import platform
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEPS = ROOT / ".deps"

OLDEST_VERSION = "3.2"
WHEELS = {
    "onednn-cpu-gomp==2023.2.0": (
        "onednn_cpu_gomp-2023.2.0-py2.py3-none-manylinux1_x86_64.whl",
        "2f22a54d6a890ed14bfa185d42a4be65d8b5b1df85dc1f0f3a9abe31620416fb",
    ),
    "onednn-devel-cpu-gomp==2023.2.0": (
        "onednn_devel_cpu_gomp-2023.2.0-py2.py3-none-manylinux1_x86_64.whl",
        "9763c69e8c907e119056bd52ad918ca84ac9ba939d130a99dfa95ccca3e5e284",
    ),
}

# The wheel holds the library once for each of its names; one copy and two links do.
LIBRARY = "libdnnl.so.3.2"
LIBRARY_LINKS = ["libdnnl.so.3", "libdnnl.so"]

# Relative to its own folder and quoted: the checkout may be moved, and may have spaces in its path.
PKG_CONFIG_FILE = """\
prefix=${pcfiledir}/../..
Name: dnnl
Description: oneDNN
Version: 3.2.0
Cflags: -I"${prefix}/include"
Libs: -L"${prefix}/lib" -ldnnl
"""

INSTALL_ONEDNN = (
    f"install oneDNN {OLDEST_VERSION} or newer and pkg-config from your distribution, or build oneDNN from\n"
    "its source (https://github.com/uxlfoundation/oneDNN). If `pkg-config --modversion dnnl` does not\n"
    "print its version then, set PKG_CONFIG_PATH to the folder that holds dnnl.pc."
)


class SetupError(Exception):
    """What happened, and how to fix it."""

    def __init__(self, what, fix):
        super().__init__(what)
        self.what = what
        self.fix = fix


def require_openmp_runtime():
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError as error:
        raise SetupError(
            f"the OpenMP runtime libgomp.so.1 cannot be loaded ({error}).",
            "install it: `apt-get install libgomp1` (Debian, Ubuntu) or\n`dnf install libgomp` (Fedora, RHEL, Amazon Linux).",
        )


def system_library_folders():
    """The folders to link the system's oneDNN from, or None where there is no such oneDNN."""
    if not shutil.which("pkg-config"):
        return None
    own = os.path.realpath(DEPS / "lib" / "pkgconfig")
    folders = os.environ.get("PKG_CONFIG_PATH", "").split(os.pathsep)
    elsewhere = [folder for folder in folders if folder and os.path.realpath(folder) != own]
    environment = {**os.environ, "PKG_CONFIG_PATH": os.pathsep.join(elsewhere)}

    def pkg_config(*arguments):
        return subprocess.run(
            ["pkg-config", *arguments, "dnnl"], env=environment, capture_output=True, text=True
        )

    if pkg_config(f"--atleast-version={OLDEST_VERSION}").returncode != 0:
        return None
    return [Path(flag[2:]) for flag in shlex.split(pkg_config("--libs-only-L").stdout)]


def use_system_onednn(folders):
    """Links the libraries that the loader would not find by itself; folders known to it are not in the list."""
    links = {library.name: library for folder in folders for library in sorted(folder.glob("libdnnl.so*"))}
    present = {link.name: Path(os.readlink(link)) for link in (DEPS / "lib").glob("*") if link.is_symlink()}
    if links == present:
        return
    with Workspace() as workspace:
        library_folder = workspace.new / "lib"
        library_folder.mkdir()
        for name, library in links.items():
            (library_folder / name).symlink_to(library)
        workspace.install()
    print("setup: using the system's oneDNN" + "".join(f" in {folder}" for folder in folders))


def use_pinned_onednn():
    description = DEPS / "lib" / "pkgconfig" / "dnnl.pc"
    if description.is_file() and description.read_text() == PKG_CONFIG_FILE:
        return
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise SetupError(
            f"no oneDNN {OLDEST_VERSION} or newer was found, and the pinned packages are for Linux on x86_64 only"
            f" (this is {platform.system()} on {platform.machine()}).",
            INSTALL_ONEDNN,
        )
    print("setup: bringing oneDNN 3.2 (39 MB) into .deps", flush=True)
    with Workspace() as workspace:
        download(workspace.wheels)
        for name, _ in WHEELS.values():
            unpack(workspace.wheels / name, workspace.new)
        for link in LIBRARY_LINKS:
            (workspace.new / "lib" / link).symlink_to(LIBRARY)
        (workspace.new / "lib" / "pkgconfig").mkdir()
        (workspace.new / "lib" / "pkgconfig" / "dnnl.pc").write_text(PKG_CONFIG_FILE)
        workspace.install()


def download(folder):
    if importlib.util.find_spec("pip") is None:
        raise SetupError(
            f"no oneDNN was found through pkg-config, and {sys.executable} has no pip to bring the pinned one.",
            "install pip: `apt-get install python3-pip`, `dnf install python3-pip` or `python3 -m ensurepip`;\nor "
            + INSTALL_ONEDNN,
        )
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--retries", "2"]
    result = subprocess.run(
        [*pip, "--no-deps", "--only-binary", ":all:", "--dest", str(folder), *WHEELS], stderr=subprocess.PIPE, text=True
    )
    if result.returncode != 0:
        reason = "".join(f"\n  {line}" for line in result.stderr.strip().splitlines())
        raise SetupError(
            f"pip could not download oneDNN:{reason}",
            "check the network (pip honours https_proxy and PIP_INDEX_URL); without a network, bring\n"
            + "\n".join(f"  {name}" for name, _ in WHEELS.values())
            + "\ninto a folder and set PIP_NO_INDEX=1 and PIP_FIND_LINKS to that folder; or\n"
            + INSTALL_ONEDNN,
        )
    for name, expected in WHEELS.values():
        actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if actual != expected:
            raise SetupError(
                f"{name} is not the file that was pinned:\n  SHA-256 expected {expected}\n  SHA-256 found    {actual}",
                "nothing was unpacked. A damaged download goes away with `python3 -m pip cache purge`; if it\n"
                "stays, the package index or mirror in use serves another file and is not to be trusted.",
            )


def unpack(wheel, target):
    """Takes headers, licences and one copy of the library; a wheel keeps them under `NAME.data/data/`."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = Path(*Path(entry.filename).parts[2:])
            wanted = path.parts[:1] in [("include",), ("share",)] or path == Path("lib", LIBRARY)
            if not wanted or entry.is_dir():
                continue
            destination = target / path
            destination.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, open(destination, "wb") as output:
                shutil.copyfileobj(source, output)


class Workspace:
    """A folder beside `.deps` in which its next content is prepared, gone at the end whatever happens."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix=".deps-", dir=ROOT)
        self.new = Path(self.folder.name, "new")
        self.wheels = Path(self.folder.name, "wheels")
        self.new.mkdir()
        self.wheels.mkdir()
        return self

    def install(self):
        if os.path.lexists(DEPS):
            os.rename(DEPS, Path(self.folder.name, "old"))
        os.rename(self.new, DEPS)

    def __exit__(self, *_):
        self.folder.cleanup()


def main():
    # Turns a termination into an exit that cleans up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        require_openmp_runtime()
        folders = system_library_folders()
        if folders is not None:
            use_system_onednn(folders)
        else:
            use_pinned_onednn()
    except SetupError as error:
        sys.exit(f"setup: {error.what}\nto fix: {error.fix}")
    except OSError as error:
        sys.exit(f"setup: {error}\nto fix: make sure that {ROOT} can be written to and that 150 MB are free there.")
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; nothing was changed.")


if __name__ == "__main__":
    main()
