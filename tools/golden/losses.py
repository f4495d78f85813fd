"""Golden numbers for packages/core/src/losses, computed in float64: python tools/golden/losses.py

Class axis last, as in layerwise; where fastai wants it second, predictions are permuted on the way in and out.
"""
import json
from pathlib import Path

import fastai
import torch
from fastai import losses as fl

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
fl.TensorBase = lambda x: x  # it would cast to float32


def numbers(t):
    return [float(f"{v:.9g}") for v in t.detach().double().flatten().tolist()]


def draw(*shape, scale=2.0):
    return (torch.randn(*shape) * scale * 1000).round() / 1000


def snake(args):
    names = {"ignoreIndex": "ignore_index", "posWeight": "pos_weight", "squareInUnion": "square_in_union"}
    tensors = {"weight", "posWeight"}
    return {names.get(k, k): torch.tensor(v, dtype=torch.float64) if k in tensors else v for k, v in args.items()}


def case(name, cls, args, pred, targ, classes_second=False, **extra):
    x = pred.clone().requires_grad_()
    if name in {"BCEWithLogitsLossFlat", "BCELossFlat", "MSELossFlat", "L1LossFlat"}:
        extra, targ = dict(floatify=False), targ.double()  # floatify would cast to float32
    loss = cls(**snake(args), **extra)
    second = (lambda t: t.movedim(-1, 1)) if classes_second else (lambda t: t)
    last = (lambda t: t.movedim(1, -1)) if classes_second else (lambda t: t)
    value = loss(second(x), targ)
    ramp = torch.arange(1, value.numel() + 1).reshape(value.shape) / value.numel()
    (torch.as_tensor(value) * ramp).sum().backward()
    activated = loss.activation(second(pred)) if hasattr(loss, "activation") else None
    decoded = loss.decodes(activated) if activated is not None else None
    row = dict(loss=name, args=args, shape=list(pred.shape), pred=numbers(pred), targetShape=list(targ.shape))
    row |= dict(target=numbers(targ), value=numbers(torch.as_tensor(value)), grad=numbers(x.grad))
    if activated is not None:
        row["activation"] = numbers(last(torch.as_tensor(activated)))
        row["decodes"] = numbers(torch.as_tensor(decoded))
    return row


cases = []
add = lambda *a, **k: cases.append(case(*a, **k))
pred, targ = draw(6, 4), torch.tensor([0, 3, 1, 1, 2, 0])
dense, dense_targ = draw(2, 3, 2, 3), torch.randint(0, 3, (2, 3, 2))
ignored = torch.tensor([0, -100, 1, 255, 2, 255])
some_ignored = torch.tensor([0, 3, 1, -100, 2, -100])
weight = [0.5, 1.0, 2.0, 0.25]
for reduction in ["mean", "sum", "none"]:
    r = dict(reduction=reduction)
    add("CrossEntropyLossFlat", fl.CrossEntropyLossFlat, r, pred, targ)
    add("CrossEntropyLossFlat", fl.CrossEntropyLossFlat, r | dict(weight=weight), pred, targ)
    add("CrossEntropyLossFlat", fl.CrossEntropyLossFlat, r | dict(weight=weight), pred, some_ignored)
    mixed = torch.where(ignored == -100, 255, ignored)
    add("CrossEntropyLossFlat", fl.CrossEntropyLossFlat, r | dict(ignoreIndex=255), pred, mixed)
    add("CrossEntropyLossFlat", fl.CrossEntropyLossFlat, r, dense, dense_targ)
    for gamma in [0.5, 1.0, 2.0, 3.5]:
        add("FocalLossFlat", fl.FocalLossFlat, r | dict(gamma=gamma), pred, targ)
    add("FocalLossFlat", fl.FocalLossFlat, r | dict(weight=weight), pred, targ)
    add("FocalLoss", fl.FocalLoss, r, dense, dense_targ, classes_second=True)
    for eps in [0.0, 0.1, 0.4]:
        add("LabelSmoothingCrossEntropyFlat", fl.LabelSmoothingCrossEntropyFlat, r | dict(eps=eps), pred, targ)
    add("LabelSmoothingCrossEntropyFlat", fl.LabelSmoothingCrossEntropyFlat, r | dict(weight=weight), pred, targ)
    add("LabelSmoothingCrossEntropyFlat", fl.LabelSmoothingCrossEntropyFlat, r, pred, some_ignored)
    for square in [False, True]:
        d = r | dict(squareInUnion=square)
        add("DiceLoss", fl.DiceLoss, d, dense, dense_targ, classes_second=True)
        add("DiceLoss", fl.DiceLoss, d | dict(smooth=1.0), dense, dense_targ, classes_second=True)
    yes = torch.tensor([[1, 0, 0, 1], [0, 0, 1, 1]])
    logits = torch.cat([draw(1, 4, scale=9), draw(1, 4)])
    add("BCEWithLogitsLossFlat", fl.BCEWithLogitsLossFlat, r, logits, yes)
    add("BCEWithLogitsLossFlat", fl.BCEWithLogitsLossFlat, r | dict(thresh=0.8), logits, yes)
    add("BCEWithLogitsLossFlat", fl.BCEWithLogitsLossFlat, r | dict(posWeight=weight), logits, yes)
    per_class = r | dict(weight=weight, flatten=False)
    add("BCEWithLogitsLossFlat", fl.BCEWithLogitsLossFlat, per_class, logits, yes)
    probs = torch.tensor([[0.001, 0.3, 0.5, 0.999], [0.2, 0.9, 0.75, 0.4]])
    add("BCELossFlat", fl.BCELossFlat, r, probs, yes)
    close = draw(4, 1)
    for name in ["MSELossFlat", "L1LossFlat"]:
        # The first pair is equal: the slope of |0| is 0.
        add(name, getattr(fl, name), r, close, torch.cat([close[0], draw(3)]))

out = Path(__file__).parents[2] / "packages/core/test/golden/losses.json"
head = dict(madeBy="tools/golden/losses.py", torch=torch.__version__, fastai=fastai.__version__)
rows = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
out.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + rows + "\n]}\n")
print(len(cases), out.stat().st_size)
