"""Attention and the layers around it: outputs and gradients, and a small language model's first steps."""

import torch
from torch import nn
from torch.nn import functional


def record_attention(recorder):
    _attention(recorder)
    _layers(recorder)
    _transformer_layers(recorder)
    _language_model(recorder)


def _attention(recorder):
    attention = functional.scaled_dot_product_attention
    cases = {
        "attention": (lambda q, k, v: attention(q, k, v), (5, 7, 4, 3)),
        "attentionCausal": (lambda q, k, v: attention(q, k, v, is_causal=True), (6, 6, 4, 4)),
        "attentionCausalShort": (lambda q, k, v: attention(q, k, v, is_causal=True), (7, 5, 4, 4)),
        "attentionScale": (lambda q, k, v: attention(q, k, v, scale=0.7), (3, 4, 2, 2)),
    }
    for case, (function, sizes) in cases.items():
        recorder.begin(case)
        recorder.record_function(function, _operands(recorder, *sizes))
    recorder.begin("attentionMask")
    inputs = _operands(recorder, 5, 7, 4, 3)
    mask = recorder.normal(2, 1, 5, 7)
    mask[0, 0, 1, 2:5] = -torch.inf
    recorder.record("mask", mask)
    recorder.record_function(lambda q, k, v: attention(q, k, v, attn_mask=mask), inputs)
    recorder.begin("attentionLengths")
    inputs = _operands(recorder, 5, 7, 4, 3)
    lengths = torch.tensor([3, 7])
    recorder.record("lengths", lengths)
    seen = (torch.arange(7) < lengths[:, None])[:, None, None, :]
    recorder.record_function(lambda q, k, v: attention(q, k, v, attn_mask=seen), inputs)


def _operands(recorder, queries, keys, width, value_width):
    shapes = {"query": (queries, width), "key": (keys, width), "value": (keys, value_width)}
    return {name: recorder.normal(2, 3, *shape) for name, shape in shapes.items()}


def _layers(recorder):
    activations = {
        "gelu": functional.gelu,
        "geluTanh": lambda input: functional.gelu(input, approximate="tanh"),
        "silu": functional.silu,
    }
    for case, activation in activations.items():
        recorder.begin(case)
        recorder.record_function(activation, {"input": recorder.normal(6, 9, scale=3.0)})
    layers = {
        "layerNorm": nn.LayerNorm(9), "layerNormPlain": nn.LayerNorm(9, elementwise_affine=False),
        "layerNormTwoAxes": nn.LayerNorm((3, 4)), "rmsNorm": nn.RMSNorm(9, eps=1e-6),
    }  # fmt: skip
    for case, layer in layers.items():
        recorder.begin(case)
        shape = (5, 3, 4) if case == "layerNormTwoAxes" else (2, 5, 9)
        recorder.initialize(layer)
        recorder.record_all("parameter.", layer.named_parameters())
        recorder.record_function(layer, {"input": 1.0 + recorder.normal(*shape, scale=2.0)}, layer)
    recorder.begin("embedding")
    layer = recorder.initialize(nn.Embedding(6, 4))
    recorder.record_all("parameter.", layer.named_parameters())
    recorder.record_function(layer, {"input": recorder.labels(10, 6).reshape(2, 5)}, layer)
    recorder.begin("embeddingPadding")
    layer = recorder.initialize(nn.Embedding(6, 4, padding_idx=2))
    with torch.no_grad():
        layer.weight[2] = 0
    recorder.record_all("parameter.", layer.named_parameters())
    recorder.record_function(layer, {"input": recorder.labels(20, 6).reshape(4, 5)}, layer)


def _causal(length, dtype):
    return nn.Transformer.generate_square_subsequent_mask(length, dtype=dtype)


class Block(nn.TransformerEncoderLayer):
    """PyTorch's layer with what this project fixes: GELU, batch first, and causality by a setting."""

    def __init__(self, width, heads, hidden, causal, norm_first):
        super().__init__(width, heads, hidden, dropout=0, activation="gelu", batch_first=True, norm_first=norm_first)
        self.causal = causal

    def forward(self, input):
        return super().forward(input, src_mask=_causal(input.shape[1], input.dtype) if self.causal else None)


def _transformer_layers(recorder):
    for case, causal in (("multiHeadAttention", False), ("multiHeadAttentionCausal", True)):
        recorder.begin(case)
        layer = recorder.initialize(nn.MultiheadAttention(6, 3, batch_first=True))
        recorder.record_all("parameter.", layer.named_parameters())
        mask = _causal(5, recorder.dtype) if causal else None
        recorder.record_function(
            lambda input: layer(input, input, input, attn_mask=mask, need_weights=False)[0],
            {"input": recorder.normal(2, 5, 6)}, layer,
        )  # fmt: skip
    for case, causal, norm_first in (("transformerBlock", True, True), ("transformerBlockAfter", False, False)):
        recorder.begin(case)
        layer = recorder.initialize(Block(6, 2, 10, causal, norm_first))
        recorder.record_all("parameter.", layer.named_parameters())
        recorder.record_function(layer, {"input": recorder.normal(3, 5, 6)}, layer)


class Positions(nn.Module):
    def __init__(self, length, width):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(length, width))

    def forward(self, input):
        return input + self.weight


STEPS = 5


def _language_model(recorder):
    """Two causal blocks that learn to predict the next of eleven symbols, by AdamW."""
    recorder.begin("languageModel")
    network = nn.Sequential(
        nn.Embedding(11, 8), Positions(6, 8), Block(8, 2, 16, True, True), Block(8, 2, 16, True, True),
        nn.LayerNorm(8), nn.Linear(8, 11),
    )  # fmt: skip
    recorder.initialize(network)
    recorder.record_all("parameter.", network.named_parameters())
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    for step in range(1, STEPS + 1):
        text = recorder.labels(4 * 7, 11).reshape(4, 7)
        recorder.record(f"step.{step}/input", text[:, :-1])
        recorder.record(f"step.{step}/label", text[:, 1:])
        optimizer.zero_grad(set_to_none=True)
        logits = network(text[:, :-1])
        loss = functional.cross_entropy(logits.reshape(-1, 11), text[:, 1:].reshape(-1))
        loss.backward()
        recorder.record(f"step.{step}/loss", loss)
        optimizer.step()
        if step in (1, STEPS):
            recorder.record_all(f"step.{step}/parameter.", network.named_parameters())
