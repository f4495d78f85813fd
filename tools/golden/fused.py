"""Golden numbers for packages/core/src/fused: PyTorch's values and gradients. Run: python tools/golden/fused.py"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(7)
out = {}


def numbers(t):
    return {"shape": list(t.shape), "values": [float(f"{v:.8g}") for v in t.detach().flatten().tolist()]}


def case(name, inputs, outputs, loss):
    leaves = {k: v for k, v in inputs.items() if v.requires_grad}
    grads = torch.autograd.grad(loss, list(leaves.values()))
    out[name] = {
        "inputs": {k: numbers(v) for k, v in inputs.items()},
        "outputs": {k: numbers(v) for k, v in outputs.items()},
        "grads": {k: numbers(g) for k, g in zip(leaves, grads)},
    }


def leaf(*shape, scale=1.0, shift=0.0):
    return (torch.randn(*shape) * scale + shift).requires_grad_()


# batch norm: x is NHWC here; PyTorch wants NCHW
x, scale, offset, w = leaf(4, 3, 2, 5, shift=0.7), leaf(5), leaf(5), torch.randn(4, 3, 2, 5)
y = F.batch_norm(x.permute(0, 3, 1, 2), None, None, scale, offset, training=True, eps=1e-5).permute(0, 2, 3, 1)
flat = x.reshape(-1, 5)
case("batchNormTrain", {"x": x, "scale": scale, "offset": offset, "w": w},
     {"y": y, "mean": flat.mean(0), "variance": flat.var(0, unbiased=False)}, (y * w).sum())

x, weight, bias, w = leaf(3, 4, 6, shift=-0.4), leaf(4, 6), leaf(4, 6), torch.randn(3, 4, 6)
y = F.layer_norm(x, (4, 6), weight, bias, 1e-5)
case("layerNorm2", {"x": x, "weight": weight, "bias": bias, "w": w}, {"y": y}, (y * w).sum())

logits, target, w = leaf(6, 5, scale=3), torch.tensor([0, 4, 2, 2, 1, 3]), torch.randn(6)
y = F.cross_entropy(logits, target, reduction="none")
case("softmaxCrossEntropy", {"logits": logits, "target": target, "w": w}, {"y": y}, (y * w).sum())

weight, ids, w = leaf(7, 4), torch.tensor([[1, 0, 6], [1, 1, 3]]), torch.randn(2, 3, 4)
y = F.embedding(ids, weight)
case("embedding", {"weight": weight, "ids": ids, "w": w}, {"y": y}, (y * w).sum())


def recurrent(kind, gates):
    n, steps, i, h = 3, 5, 4, 6
    net = getattr(torch.nn, kind)(i, h, batch_first=True)
    x, h0, c0 = leaf(n, steps, i), leaf(1, n, h), leaf(1, n, h)
    w, wh, wc = torch.randn(n, steps, h), torch.randn(1, n, h), torch.randn(1, n, h)
    weights = {"wIh": net.weight_ih_l0, "wHh": net.weight_hh_l0, "bIh": net.bias_ih_l0, "bHh": net.bias_hh_l0}
    if kind == "LSTM":
        y, (hn, cn) = net(x, (h0, c0))
        loss = (y * w).sum() + (hn * wh).sum() + (cn * wc).sum()
        outputs = {"output": y, "h": hn, "c": cn}
        inputs = {"x": x, "h0": h0, "c0": c0, **weights, "w": w, "wh": wh, "wc": wc}
    else:
        y, hn = net(x, h0)
        loss = (y * w).sum() + (hn * wh).sum()
        outputs = {"output": y, "h": hn}
        inputs = {"x": x, "h0": h0, **weights, "w": w, "wh": wh}
    case(kind.lower(), inputs, outputs, loss)


recurrent("LSTM", 4)
recurrent("GRU", 3)

target_file = pathlib.Path(__file__).parents[2] / "packages/core/test/golden/fused.json"
header = {"madeBy": "tools/golden/fused.py", "torch": torch.__version__, "fastai": None}
target_file.write_text(json.dumps({**header, "cases": out}) + "\n")
