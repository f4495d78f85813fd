"""The same table in fastai: pandas reads it, TabularPandas prepares it, its loader cuts batches.

The file is not named like the benchmark: fastai imports a package `tables` if there is one, and would find it.
"""
from itertools import islice
from pathlib import Path
from time import perf_counter

from peer import allow_missing_operators, load_torch, run, versions


def timed(rows, passes, work):
    """Rows per second, once per pass; one more pass before them warms up."""
    samples = []
    for _ in range(passes + 1):
        start = perf_counter()
        done = work() or rows
        samples.append(done / (perf_counter() - start))
    return samples[1:]


def measure(job, params):
    torch = load_torch(job["threads"])
    allow_missing_operators(torch)
    import pandas as pd
    from fastai.tabular.all import Categorify, FillMissing, Normalize, TabularPandas

    rows, passes = params["rows"], params["passes"]
    file = Path(job["folder"]) / "people.csv"
    frame = pd.read_csv(file)
    cats = [name for name in frame.columns if name.startswith("cat")]
    conts = [name for name in frame.columns if name.startswith("cont")]
    splits = (list(range(rows // 5, rows)), list(range(rows // 5)))

    def process():
        return TabularPandas(frame, [Categorify, FillMissing, Normalize], cats, conts, y_names="y", splits=splits)

    train = process().dataloaders(bs=params["bs"]).train

    def batches():
        return sum(len(y) for _, _, y in islice(train, params["peerBatches"]))

    samples = {
        "read CSV": timed(rows, passes, lambda: pd.read_csv(file) is None),
        "process": timed(rows, passes, lambda: process() is None),
        "batches": timed(rows, passes, batches),
    }
    return {"samples": samples, "versions": versions("torch", "fastai", "pandas")}


run(measure)
