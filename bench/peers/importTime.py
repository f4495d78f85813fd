"""Importing all of fastai's vision package in fresh processes."""
import subprocess
import sys

from peer import run, versions

PROGRAM = """
from time import perf_counter
start = perf_counter()
import torch
from peer import allow_missing_operators
allow_missing_operators(torch)
import fastai.vision.all
print((perf_counter() - start) * 1000)
"""


def import_once():
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=sys.path[0], capture_output=True, text=True)
    if done.returncode != 0:
        raise ImportError(done.stderr.strip().splitlines()[-1])
    return float(done.stdout.split()[-1])


def measure(job, params):
    samples = [import_once() for _ in range(params["times"])]
    return {"samples": {"importTime": samples}, "versions": versions("torch", "fastai")}


run(measure)
