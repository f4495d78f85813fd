"""Files to batches in fastai: pictures read by Pillow, in this process and in one worker process per core."""
from pathlib import Path
from time import perf_counter

from peer import allow_missing_operators, load_torch, run, versions


def items_per_second(dls, passes):
    """Items per second of each pass; one more pass before them warms up."""
    samples = []
    for _ in range(passes + 1):
        start = perf_counter()
        count = sum(len(y) for _, y in dls.train)
        samples.append(count / (perf_counter() - start))
    return samples[1:]


def measure(job, params):
    torch = load_torch(job["threads"])
    allow_missing_operators(torch)
    from fastai.vision.all import CategoryBlock, DataBlock, ImageBlock, PILImageBW, Resize, get_image_files, parent_label

    folder, samples = Path(job["folder"]), {}
    kinds = {"jpeg": (ImageBlock(), Resize(params["crop"])), "png": (ImageBlock(cls=PILImageBW), None)}
    for kind, (block, tfm) in kinds.items():
        data = DataBlock(
            blocks=(block, CategoryBlock()), get_items=get_image_files, get_y=parent_label, item_tfms=tfm,
            splitter=lambda items: (list(range(len(items))), []),
        )
        for name, workers in {"one at a time": 0, "parallel": job["threads"]}.items():
            dls = data.dataloaders(folder / kind, bs=params["bs"], num_workers=workers)
            samples[f"{kind}, {name}"] = items_per_second(dls, params["passes"])
    return {"samples": samples, "versions": versions("torch", "fastai", "pillow")}


run(measure)
