#!/usr/bin/env python3
"""Tests `setup.py` in empty folders, as it is run, without a network."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

SETUP = Path(__file__).with_name("setup.py")
WHEEL_NAMES = ["onednn_cpu_gomp", "onednn_devel_cpu_gomp"]


class SetupTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="set up ")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.root = self.folder / "checkout"
        (self.root / "Scripts").mkdir(parents=True)
        shutil.copy(SETUP, self.root / "Scripts")

    def run_setup(self, *python, **environment):
        """Runs the copy where there is no oneDNN and pip sees nothing but the test's own folder."""
        offline = {
            "PKG_CONFIG_PATH": "",
            "PKG_CONFIG_LIBDIR": str(self.root),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": self.folder.as_uri(),
        }
        return subprocess.run(
            [*(python or [sys.executable]), self.root / "Scripts" / "setup.py"],
            env={**os.environ, **offline, **environment},
            capture_output=True,
            text=True,
        )

    def assert_refused(self, result, *phrases):
        self.assertEqual(result.returncode, 1, result.stderr)
        for phrase in [*phrases, "to fix: "]:
            self.assertIn(phrase, result.stderr)
        self.assertNotIn("Traceback", result.stderr)
        self.assertEqual(os.listdir(self.root), ["Scripts"], "something half-done was left")

    def describe_system_onednn(self, version):
        folder = self.folder / "system"
        folder.mkdir(exist_ok=True)
        (folder / "libdnnl.so.3").touch()
        (folder / "dnnl.pc").write_text(
            f'Name: dnnl\nDescription: oneDNN\nVersion: {version}\nLibs: -L"{folder}" -ldnnl\n'
        )
        return folder

    @unittest.skipUnless(shutil.which("pkg-config"), "there is no pkg-config")
    def test_a_system_onednn_is_linked_once(self):
        folder = self.describe_system_onednn("3.5.1")
        first = self.run_setup(PKG_CONFIG_PATH=str(folder))
        self.assertEqual(first.returncode, 0, first.stderr)
        link = self.root / ".deps" / "lib" / "libdnnl.so.3"
        self.assertEqual(os.readlink(link), str(folder / "libdnnl.so.3"))
        made = os.lstat(link).st_mtime_ns
        second = self.run_setup(PKG_CONFIG_PATH=str(folder))
        self.assertEqual((second.returncode, second.stdout), (0, ""))
        self.assertEqual(os.lstat(link).st_mtime_ns, made)

    def test_an_old_system_onednn_is_not_used(self):
        folder = self.describe_system_onednn("3.1.9")
        self.assert_refused(self.run_setup(PKG_CONFIG_PATH=str(folder)), "pip could not download oneDNN")

    def test_no_network(self):
        self.assert_refused(self.run_setup(), "pip could not download oneDNN", "PIP_FIND_LINKS")

    def test_a_wheel_with_other_bytes_is_refused(self):
        for name in WHEEL_NAMES:
            with zipfile.ZipFile(self.folder / f"{name}-2023.2.0-py2.py3-none-manylinux1_x86_64.whl", "w") as wheel:
                information = f"{name}-2023.2.0.dist-info"
                wheel.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 2023.2.0\n")
                wheel.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\n")
                wheel.writestr(f"{information}/RECORD", "")
        self.assert_refused(self.run_setup(), "is not the file that was pinned", "SHA-256 found")

    def test_no_pip(self):
        # An isolated interpreter without site packages has none.
        self.assert_refused(self.run_setup(sys.executable, "-I", "-S"), "has no pip")

    def test_another_processor(self):
        pretend = (
            "import platform, runpy, sys; platform.machine = lambda: 'aarch64';"
            "runpy.run_path(sys.argv[1], run_name='__main__')"
        )
        self.assert_refused(self.run_setup(sys.executable, "-c", pretend), "Linux on aarch64")


if __name__ == "__main__":
    unittest.main()
