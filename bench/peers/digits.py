"""The training of the digits example in fastai: the same files, model, batch size, schedule and number of epochs."""
import resource
from pathlib import Path
from time import perf_counter

START = perf_counter()
from peer import allow_missing_operators, load_torch, run, versions  # noqa: E402


def measure(job, params):
    torch = load_torch(job["threads"])
    allow_missing_operators(torch)
    from fastai.vision.all import (
        CategoryBlock, ConvLayer, DataBlock, GrandparentSplitter, ImageBlock, Learner, Normalize, PILImageBW, PoolFlatten,
        accuracy, get_image_files, parent_label,
    )

    digits = DataBlock(
        blocks=(ImageBlock(cls=PILImageBW), CategoryBlock()), get_items=get_image_files, get_y=parent_label,
        splitter=GrandparentSplitter("training", "testing"),
        batch_tfms=Normalize.from_stats([0.1307], [0.3081], cuda=False),
    )
    dls = digits.dataloaders(Path(params["path"]), bs=128, val_bs=500)
    widths = [1, 16, 32, 64, 128]
    convs = [ConvLayer(a, b, ks=5 if a == 1 else 3, stride=2) for a, b in zip(widths, widths[1:])]
    model = torch.nn.Sequential(*convs, PoolFlatten(), torch.nn.Linear(128, 10))
    learn = Learner(dls, model, metrics=accuracy)
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(1 if params["steps"] else 2, 1e-2)
    seconds, reached = perf_counter() - START, float(learn.recorder.values[-1][-1])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    of_workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    samples = {"digits": [seconds]} if params["measure"] == "time" else {"quickstartMemory": [memory]}
    notes = {"seconds": seconds, "accuracy": reached, "maxRssMb": memory, "largest worker MB": of_workers}
    return {"samples": samples, "versions": versions("torch", "fastai", "pillow"), "notes": notes}


run(measure)
