"""What all servers deliver: directories of jobs, laid out as trainers leave them."""

import hashlib
import json
import math
import os
import shutil

import load

WEIGHTS, TEXT, ARTIFACT = "weights", "text", "artifact"
#: Of the weights: the file that is delivered alone.
SHARD = "model-00001-of-00002.safetensors"
#: A model of 1.2 GB has a first shard of 1 GB.
FIRST_SHARD_SHARE = 5 / 6
TOKENIZER_BYTES = 2 * 10**6
MAX_SHARD = 5 * 10**9


def make(jobs, options):
    """Random weights with a file of 1 KB; text and a log, which deflate; a small model for many to come for."""
    model = _directory(jobs / WEIGHTS)
    first = int(options.model * FIRST_SHARD_SHARE)
    _random(model / SHARD, first)
    _random(model / "model-00002-of-00002.safetensors", options.model - first)
    _random(model / "tokenizer.json", TOKENIZER_BYTES, text=True)
    (model / "small.bin").write_bytes(os.urandom(1024))
    text = _directory(jobs / TEXT)
    _random(text / "vocabulary.txt", options.text, text=True)
    _log(jobs / TEXT, options.log)
    artifact = _directory(jobs / ARTIFACT)
    _random(artifact / "model.safetensors", options.artifact)
    _random(artifact / "tokenizer.json", TOKENIZER_BYTES // 4, text=True)


def _directory(job):
    model = job / "model"
    model.mkdir(parents=True)
    (model / "config.json").write_text(json.dumps({"layers": 32, "heads": list(range(100))}))
    return model


def _log(job, size):
    step, digest = 0, b""
    with open(job / "training.log", "wb") as log:
        while log.tell() < size:
            lines = []
            for _ in range(1000):
                step += 1
                digest = hashlib.sha256(digest).digest()
                loss = 0.4 + 3 / math.sqrt(step) + digest[0] / 2560
                lines.append(
                    f"2026-11-21 {step // 3600 % 24:02}:{step // 60 % 60:02}:{step % 60:02},{digest[1] * 3:03} INFO"
                    f" trainer - step {step} epoch {step / 1250:.2f} loss {loss:.6f} learning_rate {2e-4 / (1 + step / 1e5):.3e}"
                    f" grad_norm {digest[2] / 100:.4f} tokens/s {18_000 + digest[3] * 7}\n"
                )
            log.write("".join(lines).encode())
    (job / "progress.json").write_text(json.dumps({"step": step, "status": "completed"}))


def sparse(model, size):
    """Random up to 100 MB, which could be deflated, and sparse beyond.

    A small file is beside the large ones, as in every model: entries come by size, so it is what a checksum is waited for first.
    """
    model.mkdir(parents=True)
    (model / "config.json").write_text('{"model_type": "bench"}\n')
    shards = math.ceil(size / MAX_SHARD)
    for shard in range(shards):
        path = model / f"model-{shard + 1:05}-of-{shards:05}.safetensors"
        if size <= 10**8:
            _random(path, size)
        else:
            with open(path, "wb") as file:
                file.truncate(size // shards)


def link(source, target):
    """The same files under another name, without copying them."""
    shutil.copytree(source, target, copy_function=os.link)


def files(directory):
    return sorted(path for path in directory.rglob("*") if path.is_file())


def size(directory):
    return sum(path.stat().st_size for path in files(directory))


def _random(path, size, text=False):
    with open(path, "wb") as file:
        left = size
        while left > 0:
            block = os.urandom(min(left, 1 << 20))
            if text:
                block = block.hex().encode()[: len(block)]
            file.write(block)
            left -= len(block)


def check(file, target, path):
    """Ends the run unless a server delivers these bytes."""
    copy = file.with_suffix(".check")
    load.save(target, path, copy)
    digests = [_digest(one) for one in (file, copy)]
    copy.unlink()
    if digests[0] != digests[1]:
        raise SystemExit(f"{path} differs from what was stored")


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.digest()
