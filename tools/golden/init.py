"""First draws of PyTorch and fastai after a seed: packages/core/test/golden/init.json. Run: python tools/golden/init.py"""

import json
from pathlib import Path

import fastai
import torch
import torch.nn as nn
from fastai import layers as fl
from torch.nn import init

OUT = Path(__file__).parents[2] / "packages/core/test/golden/init.json"
HEADER = {"madeBy": "tools/golden/init.py", "torch": torch.__version__, "fastai": fastai.__version__}
SEED = 42


def packed(t):
    return {"shape": list(t.shape), "values": [float(f"{v:.8g}") for v in t.detach().reshape(-1).tolist()]}


def functions():
    """Each fills a tensor of the shape that follows; "times" repeats without a new seed."""
    shapes = {"small": (3,), "odd": (15,), "block": (16,), "tail": (21,), "matrix": (6, 11)}
    for name, shape in shapes.items():
        yield f"uniform {name}", lambda t: init.uniform_(t, -0.3, 0.7), shape
        yield f"normal {name}", lambda t: init.normal_(t, 0.5, 2), shape
    for kind, shape in {"linear": (7, 5), "tall": (5, 13), "conv2d": (4, 3, 3, 2), "convTranspose2d": (3, 4, 2, 3)}.items():
        yield f"kaimingUniform {kind}", lambda t: init.kaiming_uniform_(t), shape
        yield f"kaimingNormal {kind}", lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"), shape
        yield f"xavierUniform {kind}", lambda t: init.xavier_uniform_(t, 2), shape
        yield f"xavierNormal {kind}", lambda t: init.xavier_normal_(t), shape
        yield f"orthogonal {kind}", lambda t: init.orthogonal_(t, 1.5), shape
    yield "truncNormal", lambda t: fl.trunc_normal_(t, 0.1, 0.5), (9, 5)
    yield "truncatedNormal", lambda t: init.trunc_normal_(t), (40, 5)
    yield "truncatedNormal narrow", lambda t: init.trunc_normal_(t, 0.2, 2, 1.5, 2.5), (11, 7)
    yield "truncatedNormal small", lambda t: init.trunc_normal_(t, 0, 0.02), (2, 4)


def modules():
    yield "Linear", lambda: nn.Linear(5, 7)
    yield "Conv1d", lambda: nn.Conv1d(3, 4, 5)
    yield "Conv2d", lambda: nn.Conv2d(3, 4, 3)
    yield "Conv2d groups", lambda: nn.Conv2d(6, 4, (2, 3), groups=2)
    yield "Conv3d", lambda: nn.Conv3d(2, 3, (1, 2, 3))
    yield "ConvTranspose1d", lambda: nn.ConvTranspose1d(3, 4, 2)
    yield "ConvTranspose2d", lambda: nn.ConvTranspose2d(4, 6, (3, 2), groups=2)
    yield "ConvTranspose3d", lambda: nn.ConvTranspose3d(2, 3, (1, 2, 3))
    yield "LSTM", lambda: nn.LSTM(3, 4, num_layers=2, bidirectional=True)
    yield "GRU", lambda: nn.GRU(3, 4)
    yield "MultiHeadAttention", lambda: nn.MultiheadAttention(4, 2)
    yield "Embedding", lambda: fl.Embedding(6, 5)
    yield "ConvLayer", lambda: fl.ConvLayer(3, 4)
    yield "ConvLayer no norm", lambda: fl.ConvLayer(3, 4, norm_type=None, act_cls=nn.Sigmoid)
    yield "ConvLayer weight", lambda: fl.ConvLayer(3, 4, norm_type=fl.NormType.Weight)
    yield "ConvLayer spectral", lambda: fl.ConvLayer(3, 4, norm_type=fl.NormType.Spectral)
    yield "ConvLayer transposed", lambda: fl.ConvLayer(3, 4, ndim=1, transpose=True)
    for act in [nn.ReLU6, nn.LeakyReLU, nn.SiLU, fl.Swish, nn.Mish, nn.Tanh, nn.ELU, nn.GELU, nn.PReLU]:
        yield f"ConvLayer {act.__name__}", lambda: fl.ConvLayer(3, 4, ks=1, act_cls=act)
    yield "LinBnDrop", lambda: fl.LinBnDrop(4, 3, bn=False, act=nn.ReLU())
    yield "PixelShuffleIcnr", lambda: fl.PixelShuffle_ICNR(3, 2)
    yield "SelfAttention", lambda: fl.SelfAttention(16)
    yield "SimpleSelfAttention", lambda: fl.SimpleSelfAttention(5)
    yield "SimpleCNN", lambda: fl.SimpleCNN([3, 4, 5])
    yield "ResBlock", lambda: fl.SEBlock(1, 4, 6, stride=2, reduction=4)


def main():
    drawn = []
    for name, fill, shape in functions():
        torch.manual_seed(SEED)
        first, second = fill(torch.empty(shape)), fill(torch.empty(shape))
        drawn.append({"name": name, "first": packed(first), "second": packed(second)})
    built = []
    for name, make in modules():
        torch.manual_seed(SEED)
        state = make().state_dict()
        built.append({"name": name, "state": {k: packed(v) for k, v in state.items() if "num_batches" not in k}})
    torch.manual_seed(SEED)
    singles = [torch.empty(1, dtype=torch.float64).normal_(0.5, 2).item() for _ in range(5)]
    text = json.dumps({"header": HEADER, "seed": SEED, "drawn": drawn, "built": built, "singles": singles}, separators=(",", ":"))
    OUT.write_text(text + "\n")
    print(len(drawn), "functions,", len(built), "modules,", len(text) // 1000, "KB")


if __name__ == "__main__":
    main()
