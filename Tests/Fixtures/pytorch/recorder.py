"""Collects a case's tensors under systematic names, and draws its random numbers."""

import torch


class Recorder:
    """The tensors of one file: all in one floating type, drawn from one seed in float32 so that both types agree."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.tensors = {}
        self._generator = torch.Generator()

    def begin(self, case):
        """Starts a case: its random numbers depend on its name alone, not on the cases before it."""
        self.case = case
        self._generator.manual_seed(sum((position + 1) * byte for position, byte in enumerate(case.encode())))

    def normal(self, *shape, scale=1.0):
        return (torch.randn(*shape, generator=self._generator) * scale).to(self.dtype)

    def labels(self, count, classes):
        return torch.randint(0, classes, (count,), generator=self._generator)

    def record(self, name, tensor):
        """Keeps a copy of `tensor` as `case/name`; integers become 32-bit ones."""
        full_name = f"{self.case}/{name}"
        assert full_name not in self.tensors, f"{full_name} is recorded twice"
        copy = tensor.detach().clone()
        self.tensors[full_name] = copy if copy.is_floating_point() else copy.to(torch.int32)

    def record_all(self, prefix, named_tensors):
        for name, tensor in named_tensors:
            self.record(f"{prefix}{name}", tensor)

    def initialize(self, module):
        """Draws every parameter of `module`, so that no initialiser of PyTorch's is part of a case."""
        module.to(self.dtype)
        with torch.no_grad():
            for name, parameter in module.named_parameters():
                fan_in = parameter.shape[-1] if parameter.dim() > 1 else 4
                offset = 1.0 if parameter.dim() == 1 and name.endswith("weight") else 0.0
                parameter.copy_(offset + self.normal(*parameter.shape, scale=fan_in**-0.5))
        return module

    def record_function(self, function, inputs, module=None, prefix=""):
        """Records inputs, output, a random cotangent, and the gradients of the inputs and the parameters."""
        inputs = {name: tensor.detach().clone() for name, tensor in inputs.items()}
        for name, tensor in inputs.items():
            self.record(f"{prefix}{name}", tensor)
            tensor.requires_grad_(tensor.is_floating_point())
        output = function(*inputs.values())
        cotangent = torch.ones((), dtype=self.dtype) if output.dim() == 0 else self.normal(*output.shape)
        output.backward(cotangent)
        self.record(f"{prefix}output", output)
        if output.dim() > 0:
            self.record(f"{prefix}cotangent", cotangent)
        self.record_all(f"{prefix}gradient.", ((name, x.grad) for name, x in inputs.items() if x.is_floating_point()))
        if module is not None:
            self.record_all(f"{prefix}gradient.parameter.", ((n, p.grad) for n, p in module.named_parameters()))
            module.zero_grad()
