"""Golden splits, vocabularies and targets for @layerwise/data.

    pip install torch==2.13.0 fastai==2.8.12 scikit-learn pandas
    python tools/golden/data.py
"""

import json
from pathlib import Path

import fastai
import numpy as np
import pandas as pd
import sklearn
import torch
from fastai.data.core import TfmdDL
from fastai.data.load import DataLoader
from fastai.data.transforms import (
    CategoryMap,
    ColReader,
    EndSplitter,
    GrandparentSplitter,
    Normalize,
    RandomSplitter,
    RandomSubsetSplitter,
    TrainTestSplitter,
)
from fastai.torch_core import TensorImage, show_title

OUT = Path(__file__).parents[2] / "packages/data/test/golden/data.json"


def lists(splits):
    return [[int(i) for i in part] for part in splits]


def random_cases():
    for n, pct, seed in [(10, 0.2, 42), (30, 0.2, 42), (10, 0.3, 0), (101, 0.25, 7)]:
        yield {"n": n, "validPct": pct, "seed": seed, "splits": lists(RandomSplitter(pct, seed=seed)(list(range(n))))}


def subset_cases():
    for n, train, valid, seed in [(30, 0.5, 0.2, 42), (17, 0.3, 0.3, 3)]:
        splits = lists(RandomSubsetSplitter(train_sz=train, valid_sz=valid, seed=seed)(list(range(n))))
        yield {"n": n, "trainSize": train, "validSize": valid, "seed": seed, "splits": splits}


def train_test_cases():
    labels = {
        "none": None,
        "binary": [0] * 20 + [1] * 10,
        "three": [i % 3 for i in range(30)],
        "names": ["cat", "dog", "cat", "bird", "dog", "cat"] * 5,
        "uneven": [0] * 17 + [1] * 9 + [2] * 4,
    }
    for name, stratify in labels.items():
        for seed in (0, 42):
            for sizes in ({}, {"test_size": 0.33}, {"test_size": 0.3, "train_size": 0.5}, {"test_size": 7}):
                args = {"test_size": 0.2, **sizes}
                splits = TrainTestSplitter(random_state=seed, stratify=stratify, **args)(list(range(30)))
                yield {
                    "labels": name,
                    "stratify": stratify,
                    "seed": seed,
                    "testSize": args["test_size"],
                    "trainSize": args.get("train_size"),
                    "splits": lists(splits),
                }


def vocab_cases():
    for values in [[4, 2, 3, 4], ["b", "a", "C", "a"], [True, False, True], [10, 9, 100, 1.5], ["é", "z", "a", "Z"]]:
        for sort in (True, False):
            for add_na in (True, False):
                vocab = list(CategoryMap(values, sort=sort, add_na=add_na))
                vocab = [v.item() if isinstance(v, np.generic) else v for v in vocab]
                yield {"values": values, "sort": sort, "addNa": add_na, "vocab": vocab}


def column_cases():
    frame = pd.DataFrame({"a": ["a", "b"], "b": ["1 2", ""]})
    rows = [frame.iloc[i] for i in range(2)]
    return [
        {"args": {"cols": "a", "prefix": "0", "suffix": "1"}, "values": [ColReader("a", pref="0", suff="1")(r) for r in rows]},
        {"args": {"cols": "b", "labelDelim": " "}, "values": [list(ColReader("b", label_delim=" ")(r)) for r in rows]},
        {"args": {"cols": 0}, "values": [ColReader(0)(r) for r in rows]},
        {"args": {"cols": ["a", "b"]}, "values": [list(ColReader(["a", "b"])(r)) for r in rows]},
    ]


def grandparent_cases():
    parts = ["train", "valid", "valid", "train", "train", "valid", "train", "valid", "test"]
    paths = [f"root/{part}/cat/{i}.jpg" for i, part in enumerate(parts)]
    yield {"paths": paths, "args": {}, "splits": lists(GrandparentSplitter()([Path(p) for p in paths]))}
    both = GrandparentSplitter(train_name=("train", "valid"), valid_name="test")([Path(p) for p in paths])
    yield {"paths": paths, "args": {"trainName": ["train", "valid"], "validName": "test"}, "splits": lists(both)}


class Stream:
    """Samples that can only be gone through in order."""

    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return iter(range(self.n))


def loader_cases():
    for items, bs, drop_last, n in [(10, 4, False, None), (10, 4, True, None), (10, 4, False, 6), (3, 8, False, None), (3, 8, True, None)]:
        for indexed in (True, False):
            dl = DataLoader(list(range(items)) if indexed else Stream(items), bs=bs, drop_last=drop_last, n=n)
            batches = [b.tolist() for b in dl]
            yield {"items": items, "bs": bs, "dropLast": drop_last, "n": n, "indexed": indexed, "batches": batches}


def normalize_cases():
    torch.manual_seed(3)
    for axes, nhwc in [((0, 2, 3), (0, 1, 2)), ((0, 3), (0, 2)), ((0, 1, 2, 3), (0, 1, 2, 3))]:
        x = torch.rand(4, 3, 2, 5)
        tfm = Normalize(axes=axes)
        tfm.setup(TfmdDL([(TensorImage(o), 0) for o in x], bs=4, after_batch=[], num_workers=0, device="cpu"))
        last = lambda t: numbers(t.permute(0, 2, 3, 1))
        yield {"axes": nhwc, "x": last(x), "mean": last(tfm.mean), "std": last(tfm.std), "encoded": last(tfm(TensorImage(x)))}


def numbers(t):
    return [float(f"{v:.8g}") for v in t.flatten().tolist()]


def title_cases():
    for columns, label in [([], "text"), (["a"], "a"), (["a", "a_"], "a")]:
        row = show_title("x", ctx=pd.Series({c: 1 for c in columns}, dtype=object), label=label)
        yield {"columns": columns, "label": label, "row": row.to_dict()}


def main():
    data = {
        "madeBy": "tools/golden/data.py",
        "torch": torch.__version__,
        "fastai": fastai.__version__,
        "scikitLearn": sklearn.__version__,
        "random": list(random_cases()),
        "randomSubset": list(subset_cases()),
        "trainTest": list(train_test_cases()),
        "end": [{"n": 10, "validLast": last, "splits": lists(EndSplitter(0.2, last)(list(range(10))))} for last in (True, False)],
        "grandparent": list(grandparent_cases()),
        "vocab": list(vocab_cases()),
        "colReader": column_cases(),
        "loader": list(loader_cases()),
        "normalize": list(normalize_cases()),
        "title": list(title_cases()),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
