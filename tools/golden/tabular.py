"""Golden numbers for @layerwise/tabular: columns, dates, processors, embedding sizes, forward and backward passes.

    pip install torch==2.13.0 fastai==2.8.12 pandas
    python tools/golden/tabular.py
"""

import json
import math
from pathlib import Path

import fastai
import numpy as np
import pandas as pd
import torch
from fastai.data.transforms import CategoryMap
from fastai.tabular.all import (
    Categorify,
    CategoryBlock,
    FillMissing,
    FillStrategy,
    Normalize,
    TabularPandas,
    add_datepart,
    add_elapsed_times,
    cont_cat_split,
    emb_sz_rule,
    get_emb_sz,
    tabular_config,
)
from fastai.tabular.core import df_shrink_dtypes
from fastai.tabular.model import TabularModel

OUT = Path(__file__).parents[2] / "packages/tabular/test/golden/tabular.json"


def plain(value):
    """JSON values: missing is null, floats to 8 digits."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray, pd.Series, pd.Index)) or hasattr(value, "tolist") and getattr(value, "ndim", 0):
        return [plain(v) for v in (value.tolist() if hasattr(value, "tolist") else list(value))]
    if isinstance(value, torch.Tensor):
        return plain(value.item())
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return None if math.isnan(value) else float(f"{value:.8g}")
    if value is pd.NaT or value is pd.NA:
        return None
    return value


def columns(frame):
    return {name: plain(list(frame[name])) for name in frame.columns}


def dateparts():
    dates = ["2019-12-04", "2021-01-01", "2020-12-31", "2016-02-29", "2024-03-31", "2023-01-01 13:45:10", "2006-11-16", None]
    dates += ["1969-12-31 23:59:59", "1900-03-01", "2000-02-29", "2038-01-19 03:14:08", "2010-01-03", "2015-12-28", "2027-01-01"]
    # seconds, as the reference means it: pandas 3 stores microseconds by default
    series = pd.to_datetime(pd.Series(dates), format="mixed").astype("datetime64[ns]")
    frame = add_datepart(pd.DataFrame({"saledate": series}), "saledate", time=True)
    return {"dates": dates, "columns": columns(frame)}


def elapsed(frame, fields):
    result = add_elapsed_times(pd.DataFrame(frame).copy(), fields, "date", "base")
    result = result.drop(columns=["date"])
    return {"columns": plain(frame), "fields": fields, "result": columns(result)}


def elapsed_cases():
    two = {
        "date": ["2019-12-04", "2019-11-29", "2019-11-15", "2019-10-24"],
        "event": [False, True, False, True],
        "base": [1, 1, 2, 2],
    }
    days = {
        "date": [f"2020-01-{d:02d}" for d in range(1, 7)],
        "event": [False, True, False, False, True, False],
        "base": [1] * 6,
    }
    rng = np.random.RandomState(0)
    order = rng.permutation(40)
    many = {
        "date": [str(pd.Timestamp("2021-03-01") + pd.Timedelta(days=int(d) * 2))[:10] for d in order % 20],
        "promo": [bool(x) for x in rng.rand(40) < 0.3],
        "holiday": [int(x) for x in rng.rand(40) < 0.1],
        "base": [["b", "a"][int(d) // 20] for d in order],
    }
    return [elapsed(two, ["event"]), elapsed(days, ["event"]), elapsed(many, ["promo", "holiday"])]


def splits():
    frame = pd.DataFrame(
        {
            "cat1": [1, 2, 3, 4],
            "cont1": [1.0, 2.0, 3.0, 2.0],
            "cat2": ["a", "b", "b", "a"],
            "i8": pd.Series([1, 2, 3, 4], dtype="int8"),
            "u8": pd.Series([1, 2, 3, 4], dtype="uint8"),
            "f16": pd.Series([1, 2, 3, 4], dtype="float32"),
            "flag": [True, False, True, True],
            "y1": [1, 0, 1, 0],
            "y2": [2, 1, 1, 0],
        }
    )
    cases = []
    for max_card in (20, 3, 2, 1):
        for dep_var in (None, "y1", ["y1", "y2"]):
            cont, cat = cont_cat_split(frame, max_card=max_card, dep_var=dep_var)
            cases.append({"maxCard": max_card, "depVar": dep_var, "cont": cont, "cat": cat})
    return {"columns": columns(frame), "cases": cases}


def shrink():
    frame = pd.DataFrame(
        {
            "i": [-100, 0, 100],
            "f": [-100.0, 0.0, 100.0],
            "e": [True, False, True],
            "date": pd.to_datetime(["2019-12-04", "2019-11-29", "2019-11-15"]),
            "o": ["a", "b", "a"],
            "u": [0, 10, 254],
            "w": [0, 10, 70000],
            "x": [0, 10, 2**40],
        }
    )

    def names(changes):
        return {k: str(v) if str(v) == "category" else np.dtype(v).name for k, v in changes.items()}

    frame["o"] = frame["o"].astype(object)
    return {
        "plain": names(df_shrink_dtypes(frame)),
        "uint": names(df_shrink_dtypes(frame, int2uint=True)),
        "kept": names(df_shrink_dtypes(frame, skip=["i"], obj2cat=False)),
    }


def table():
    """A little census: text, whole numbers, gaps, a boolean."""
    rng = np.random.RandomState(1)
    n = 40
    age = rng.randint(18, 80, n).astype(float)
    age[[3, 17, 30]] = np.nan
    weight = np.round(rng.normal(70, 12, n), 2)
    weight[5] = np.nan
    return {
        "work": [None if i % 11 == 4 else ["private", "state", "none", "self"][j] for i, j in enumerate(rng.randint(0, 4, n))],
        "rooms": rng.randint(1, 6, n).tolist(),
        "urban": [bool(x) for x in rng.rand(n) < 0.5],
        "age": age.tolist(),
        "weight": weight.tolist(),
        "visits": rng.randint(0, 200, n).tolist(),
        "salary": [["<50k", ">=50k"][j] for j in rng.randint(0, 2, n)],
    }


def procs():
    raw = table()
    frame = pd.DataFrame(raw)
    train, valid = [i for i in range(40) if i % 5 != 2], [i for i in range(40) if i % 5 == 2]
    cases = []
    for strategy in ("median", "constant", "mode"):
        for add_col in (True, False):
            fill = FillMissing(fill_strategy=getattr(FillStrategy, strategy), add_col=add_col, fill_vals={"age": 33, "weight": 60.5})
            to = TabularPandas(
                frame, [Normalize, Categorify, fill], ["work", "rooms", "urban"], ["age", "weight", "visits"],
                y_names="salary", splits=(train, valid),
            )
            cases.append(
                {
                    "strategy": strategy,
                    "addCol": add_col,
                    "names": plain(list(to.x_names)),
                    "columns": columns(to.items[list(to.all_col_names)]),
                    "classes": {n: plain(list(to.classes[n])) for n in to.cat_names},
                    "naDict": plain(fill.na_dict),
                    "means": plain(dict(to.normalize.means)),
                    "stds": plain(dict(to.normalize.stds)),
                    "vocab": plain(list(to.vocab)),
                    "embSz": plain(get_emb_sz(to)),
                    "decoded": columns(to.decode().items[["work", "age", "weight", "visits"]]),
                }
            )
    return {"raw": plain(raw), "train": train, "valid": valid, "cases": cases}


def state_of(model):
    return {k: {"shape": list(v.shape), "values": plain(v.flatten())} for k, v in model.state_dict().items() if v.ndim > 0}


def models():
    cases = []
    for seed, config in enumerate(
        [{}, {"ps": [0.0, 0.0], "y_range": (0, 5)}, {"use_bn": False}, {"bn_final": True}, {"bn_cont": False}, {"lin_first": False}]
    ):
        torch.manual_seed(seed)
        emb_szs, n_cont, out, layers = [(5, 4), (3, 3)], 3, 2, [8, 6]
        model = TabularModel(emb_szs, n_cont, out, layers, **config)
        for p in model.parameters():
            torch.nn.init.normal_(p, 0.1, 0.5)
        cats = torch.stack([torch.randint(0, 5, (7,)), torch.randint(0, 3, (7,))], 1)
        conts, y = torch.randn(7, 3), torch.randint(0, 2, (7,))
        case = {"config": plain(config), "state": state_of(model), "cats": plain(cats), "conts": plain(conts), "y": plain(y)}
        case["eval"] = plain(model.eval()(cats, conts))
        loss = torch.nn.functional.cross_entropy(model.train()(cats, conts), y)
        loss.backward()
        case["loss"] = plain(loss)
        case["grads"] = {k: plain(p.grad.flatten()) for k, p in model.named_parameters()}
        case["after"] = {k: plain(b.flatten()) for k, b in model.named_buffers() if b.ndim > 0}
        cases.append(case)
    return cases


def fresh():
    """Weights of a new model, drawn in the order of its layers."""
    torch.manual_seed(42)
    model = TabularModel([(5, 4), (3, 3)], 3, 2, [8, 6])
    return state_of(model)


def main():
    n = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 16, 17, 20, 25, 32, 50, 53, 75, 100, 200, 256, 500, 944, 1000, 1116, 1635, 5000, 10000, 39431, 39432]
    golden = {
        "madeBy": "tools/golden/tabular.py",
        "torch": torch.__version__,
        "fastai": fastai.__version__,
        "pandas": pd.__version__,
        "embSzRule": [[i, emb_sz_rule(i)] for i in n],
        "dateparts": dateparts(),
        "elapsed": elapsed_cases(),
        "contCatSplit": splits(),
        "shrink": shrink(),
        "procs": procs(),
        "models": models(),
        "fresh": fresh(),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(OUT, OUT.stat().st_size)


main()
