"""Writes safetensors files: a length, a JSON header, then the tensors' bytes, the same bytes on every run."""

import json
import struct

import torch

DTYPE_NAMES = {torch.float32: "F32", torch.float64: "F64", torch.int32: "I32"}


def write(path, tensors, metadata):
    """Writes named tensors, in the order of their names, and the metadata (strings by name)."""
    header = {"__metadata__": metadata}
    body = bytearray()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        begin = len(body)
        body += tensor.numpy().astype(tensor.numpy().dtype.newbyteorder("<")).tobytes()
        offsets = [begin, len(body)]
        header[name] = {"dtype": DTYPE_NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": offsets}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
