"""Golden numbers for the optimizers: fastai's own, 24 steps over two groups, with scheduled momentum and rate.

Run: python tools/golden/optim.py
Writes packages/core/test/golden/optim.json
"""
import json
import math
from functools import partial
from pathlib import Path

import fastai
import torch
from fastai.optimizer import SGD, Adam, Lamb, Larc, Lookahead, QHAdam, RAdam, RMSProp, average_sqr_grad, ranger
from fastai.optimizer import Optimizer, average_grad, l2_reg, rms_prop_step, weight_decay

OUT = Path(__file__).parents[2] / "packages/core/test/golden/optim.json"
STEPS = 24
SHAPES = [[2, 3], [3], [4]]  # a weight and its bias in the first group, one parameter in the second
torch.set_default_dtype(torch.float64)


def start():
    "Weight, bias, and one more parameter whose second entry is 0."
    values = [torch.linspace(-1, 1.5, 6).reshape(2, 3), torch.tensor([0.5, -0.25, 0.1]), torch.tensor([2.0, 0.0, -1.0, 0.3])]
    return [v.clone().requires_grad_() for v in values]


def gradient(step, which):
    n = math.prod(SHAPES[which])
    i = torch.arange(n, dtype=torch.float64)
    return (torch.sin(1.7 * i + 0.9 * step + which) * (0.1 + 0.05 * which)).reshape(SHAPES[which])


def rms_prop_eps(params, lr, eps, **kwargs):
    "RMSProp whose eps counts; fastai 2.8 drops it."
    return Optimizer(params, [weight_decay, average_grad, average_sqr_grad, rms_prop_step], lr=lr, eps=eps, **kwargs)


# name: our function, our options, fastai's function
CASES = {
    "sgd": ("sgd", {}, partial(SGD)),
    "sgd with momentum and decay": ("sgd", dict(mom=0.9, wd=0.1), partial(SGD, mom=0.9, wd=0.1)),
    "sgd with momentum and L2": ("sgd", dict(mom=0.9, wd=0.1, decoupleWd=False), partial(SGD, mom=0.9, wd=0.1, decouple_wd=False)),
    "rmsProp": ("rmsProp", {}, partial(RMSProp)),
    "rmsProp with momentum and decay": ("rmsProp", dict(mom=0.9, wd=0.01), partial(RMSProp, mom=0.9, wd=0.01)),
    "rmsProp with its eps": ("rmsProp", dict(mom=0.9, eps=1e-3), partial(rms_prop_eps, mom=0.9, eps=1e-3)),
    "adam": ("adam", {}, partial(Adam)),
    "adam with L2": ("adam", dict(wd=0.1, decoupleWd=False), partial(Adam, wd=0.1, decouple_wd=False)),
    "adam, other betas": ("adam", dict(sqrMom=0.999, eps=1e-8, wd=0.2), partial(Adam, sqr_mom=0.999, eps=1e-8, wd=0.2)),
    "rAdam": ("rAdam", {}, partial(RAdam)),
    "rAdam with beta and decay": ("rAdam", dict(beta=50.0, wd=0.05), partial(RAdam, beta=50.0, wd=0.05)),
    "qhAdam": ("qhAdam", {}, partial(QHAdam)),
    "qhAdam, other nus": ("qhAdam", dict(nu1=0.5, nu2=0.8, wd=0.02), partial(QHAdam, nu_1=0.5, nu_2=0.8, wd=0.02)),
    "larc": ("larc", {}, partial(Larc)),
    "lars with decay": ("larc", dict(clip=False, wd=0.05, mom=0.0), partial(Larc, clip=False, wd=0.05, mom=0.0)),
    "lamb": ("lamb", {}, partial(Lamb)),
    "lamb with decay": ("lamb", dict(wd=0.1), partial(Lamb, wd=0.1)),
    "ranger": ("ranger", {}, partial(ranger)),
    "lookahead of sgd": ("sgd", dict(mom=0.9, lookahead=dict(k=4, alpha=0.3)), lambda p, lr: Lookahead(SGD(p, lr=lr, mom=0.9), k=4, alpha=0.3)),
}


def run(make):
    ps = start()
    opt = make([ps[:2], ps[2:]], lr=0.01)
    state = opt.opt.state if isinstance(opt, Lookahead) else opt.state
    state[ps[1]]["do_wd"] = False
    rows = []
    for step in range(STEPS):
        lr = 0.01 + 0.02 * math.sin(math.pi * step / STEPS)
        opt.set_hyper("lr", [lr / 2, lr])
        if opt.hypers[0].get("mom", 0) != 0:  # scheduled where there is momentum
            opt.set_hyper("mom", 0.95 - 0.1 * math.sin(math.pi * step / STEPS))
        for i, p in enumerate(ps):
            p.grad = gradient(step, i)
        opt.step()
        if step + 1 in (1, 2, 5, 6, 7, 12, STEPS):
            rows.append({"step": step + 1, "params": [[float(f"{v:.8g}") for v in p.detach().flatten().tolist()] for p in ps]})
    return rows


cases = [dict(name=n, optimizer=o, options=opts, rows=run(make)) for n, (o, opts, make) in CASES.items()]
header = dict(madeBy="tools/golden/optim.py", torch=torch.__version__, fastai=fastai.__version__)
OUT.parent.mkdir(parents=True, exist_ok=True)
OUT.write_text(json.dumps({**header, "steps": STEPS, "shapes": SHAPES, "cases": cases}) + "\n")
print(OUT, OUT.stat().st_size)
