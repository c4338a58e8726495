"""Writes reference.safetensors, which SafeTensorsTests.swift reads.

    pip install safetensors==0.8.0 numpy==2.4.6
    python make.py
"""

import json
import struct

import numpy as np
from safetensors.numpy import save_file

tensors = {
    "0.weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 3,
    "0.bias": np.array([-1.5, np.inf, np.nan], dtype=np.float32),
    "double": np.array([0.1, -2e10], dtype=np.float64),
    "half": np.array([0.1, 65504, 6e-8, -np.inf], dtype=np.float16),
    "labels": np.array([[7, -7]], dtype=np.int32),
    "batches": np.array(2**40, dtype=np.int64),
    "empty": np.zeros((0, 4), dtype=np.float32),
}
save_file(tensors, "reference.safetensors", metadata={"format": "pt", "note": 'ü "quoted"'})

# NumPy has no bfloat16, so that tensor is put in by hand: the upper halves of 1.0, -2.5 and 3.140625.
with open("reference.safetensors", "rb") as file:
    length = struct.unpack("<Q", file.read(8))[0]
    header, data = json.loads(file.read(length)), file.read()
header["brain"] = {"dtype": "BF16", "shape": [3], "data_offsets": [len(data), len(data) + 6]}
data += struct.pack("<3H", 0x3F80, 0xC020, 0x4049)
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open("reference.safetensors", "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + data)
