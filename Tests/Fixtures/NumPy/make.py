#!/usr/bin/env python3
"""Writes the reference files of NumPy's formats beside it: every type, order and version, and archives of both kinds.

NumPy 2: python3 make.py. `arrays.npz` and `packed.npz` hold the same arrays, one stored and one deflated. Each array has
the values of `expected`, which `NumPyFileTests` has too: 3 (i - 5) / 2 at position i of twelve, in the array's own type.
"""

import io
import pathlib

import numpy

HERE = pathlib.Path(__file__).parent
expected = (numpy.arange(12) - 5) * 1.5
arrays = {}
for name in ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]:
    values = numpy.abs(expected) if name.startswith("u") else expected
    array = values.astype(name).reshape(3, 2, 2)
    arrays[f"{name}_little"] = array.astype(numpy.dtype(name).newbyteorder("<"))
    arrays[f"{name}_big"] = array.astype(numpy.dtype(name).newbyteorder(">"))
    arrays[f"{name}_fortran"] = numpy.asfortranarray(array)
arrays["x"] = (numpy.arange(600).reshape(60, 10) % 7 / 4).astype("float32")
arrays["y"] = numpy.arange(60) % 3

numpy.savez(HERE / "arrays.npz", **arrays)
numpy.savez_compressed(HERE / "packed.npz", **arrays)
for version in [(1, 0), (2, 0), (3, 0)]:
    stream = io.BytesIO()
    numpy.lib.format.write_array(stream, arrays["float32_fortran"], version=version)
    (HERE / f"version{version[0]}.npy").write_bytes(stream.getvalue())
