"""``python -m synscenes.train``: train a classifier on a folder of images, in one process or (by torchrun) several."""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

from synscenes.errors import CourseError
from synscenes.train.recipe import Recipe

_EXAMPLES = """examples:
  python -m synscenes.train --data traffic_lights --epochs 5 --out runs/lights
  python -m synscenes.train --data photos/train --validation photos/val --model resnet50 --side 224 --out runs/mine
  torchrun --nproc-per-node 4 -m synscenes.train --data imagenet/train --validation imagenet/val --scratch \\
      --model resnet50 --side 224 --epochs 90 --optimiser sgd --rate 0.5 --weight-decay 5e-5 --batch-size 1024 \\
      --precision auto --workers 8 --out runs/imagenet

--data: a folder with one folder of images a class (torchvision's ImageFolder layout), or traffic_lights or
branch_photos, the course's own. In --out: last.pt (everything, to resume from), best.pt (weights), log.csv (a line an
epoch). A run that was killed goes on with the same command and --resume, and ends as if it had never been."""
_HELP = {
    "epochs": "passes over the training images",
    "batch_size": "images an update, over all processes",
    "rate": "highest learning rate",
    "backbone_factor": "times the rate, for all layers but the last; 0: a linear probe",
    "warmup": "share of the steps in which the rate rises",
    "optimiser": "adamw or sgd",
    "momentum": "for sgd",
    "weight_decay": "of matrices and filters; never of biases and norms",
    "label_smoothing": "share of the target spread over all classes",
    "mixup": "alpha of mixup; 0: off",
    "ema": "decay of the averaged weights; 0: off",
    "clip": "longest gradient; 0: any",
    "parts": "cut each batch into so many parts to save memory",
    "precision": "fp32, bf16, fp16, or auto: the fast one of the GPU",
    "norm": "BatchNorm: train, frozen, or sync between GPUs",
    "balance": "against rare classes: none, loss or sampler",
    "patience": "stop after so many epochs without a better validation loss; 0: never",
    "seed": "of everything random",
    "save_every": "also write a checkpoint every so many steps; 0: after epochs only",
    "workers": "processes that load images, for each training process",
    "channels_last": "store images with the colours innermost (faster on most devices)",
    "compile": "use torch.compile",
    "deterministic": "repeat exactly on a GPU too (slower)",
}


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser: one option for each field of Recipe, and where to read and write."""
    result = argparse.ArgumentParser(
        prog="python -m synscenes.train",
        description="Fine-tune an ImageNet network on your images, or train it from scratch.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = result.add_argument_group("what and where")
    where.add_argument("--data", required=True, metavar="FOLDER", help="training images, or traffic_lights")
    where.add_argument(
        "--validation", metavar="FOLDER", help="validation images (default: a fifth of the training images)"
    )
    where.add_argument("--out", metavar="FOLDER", help="where checkpoints and the log go (default: nowhere)")
    where.add_argument("--resume", action="store_true", help="go on from last.pt in --out, if it is there")
    where.add_argument("--fresh", action="store_true", help="start anew although --out holds a run")
    where.add_argument(
        "--model", default="mobilenet_v2", help="a name of torchvision's or timm's (default: %(default)s)"
    )
    where.add_argument("--scratch", action="store_true", help="random weights instead of pretrained ones")
    where.add_argument("--weights", metavar="FILE", help="start from these weights, for example another run's best.pt")
    where.add_argument("--download", action="store_true", help="fetch pretrained weights that are not at hand")
    where.add_argument("--side", type=int, default=64, help="pixels the network gets, square (default: %(default)s)")
    where.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps (default: %(default)s)")
    where.add_argument("--find-rate", action="store_true", help="look for a learning rate, print it, and stop")
    where.add_argument("--quiet", action="store_true", help="no progress bar")
    how = result.add_argument_group("recipe")
    for field in dataclasses.fields(Recipe):
        option = f"--{field.name.replace('_', '-')}"
        text = f"{_HELP[field.name]} (default: %(default)s)"
        if field.type == "bool":
            how.add_argument(
                option, action=argparse.BooleanOptionalAction, default=field.default, help=_HELP[field.name]
            )
        else:
            kind = {"int": int, "float": float, "str": str}[field.type]
            how.add_argument(option, type=kind, default=field.default, metavar=kind.__name__.upper(), help=text)
    return result


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit status: 0 done, 1 failed with a line that says why, 130 interrupted."""
    options = parser().parse_args(argv)
    try:
        recipe = Recipe(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Recipe)})
        _check(options)
        return _train(options, recipe)
    except CourseError as error:
        print(f"synscenes.train: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("synscenes.train: stopped; --resume goes on from the last checkpoint.", file=sys.stderr)
        return 130


def _check(options: argparse.Namespace) -> None:
    """Raise CourseError for what can be told without importing torch."""
    if options.side < 32:
        raise CourseError(f"--side must be at least 32, not {options.side}.")
    if options.scratch and options.weights:
        raise CourseError("--scratch and --weights contradict each other: give one.")
    if options.resume and options.fresh:
        raise CourseError("--resume and --fresh contradict each other: give one.")
    if (options.resume or options.fresh) and not options.out:
        raise CourseError("--resume and --fresh need --out, the folder of the run.")
    if options.out and (Path(options.out) / "last.pt").exists() and not (options.resume or options.fresh):
        raise CourseError(f"{options.out} already holds a run: --resume goes on with it, --fresh starts anew.")
    for name in ("data", "validation"):
        value = getattr(options, name)
        if value and value not in ("traffic_lights", "branch_photos") and not Path(value).is_dir():
            raise CourseError(f"No folder at {value} (--{name}): give a folder with one folder of images a class.")
    if options.validation and Path(options.data).resolve() in Path(options.validation).resolve().parents:
        raise CourseError("--validation lies inside --data and would be trained on as a class: put them side by side.")
    if options.weights and not Path(options.weights).is_file():
        raise CourseError(f"No file at {options.weights} (--weights).")


def _train(options: argparse.Namespace, recipe: Recipe) -> int:
    from synscenes.train.data import normaliser
    from synscenes.train.distributed import world as join
    from synscenes.train.finder import find_rate
    from synscenes.train.loop import fit
    from synscenes.train.networks import build

    with join(options.device) as (world, device):
        train, validation = _images(options, recipe.seed)
        module, mean, std = build(
            options.model,
            len(train.classes),
            pretrained=not options.scratch,
            weights=options.weights,
            seed=recipe.seed,
            allow_download=options.download,
        )
        prepare = normaliser(mean, std, device, recipe.channels_last)
        _try_once(module.to(device), prepare, options)
        if world.first:
            print(
                f"{len(train):,} training and {len(validation):,} validation images of {len(train.classes)} classes; "
                f"{options.model} on {world.size} x {device}",
                flush=True,
            )
        if options.find_rate:
            found = find_rate(module, train, recipe, device=device, prepare=prepare)
            print(f"the loss falls fastest at a rate of {found.suggestion:.2g}")
            return 0
        meta = {"model": options.model, "classes": list(train.classes), "side": options.side, "mean": mean, "std": std}
        fitted = fit(
            module, train, recipe, validation=validation, prepare=prepare, folder=options.out, resume=options.resume,
            meta=meta, world=world, device=device, progress=not options.quiet,
        )  # fmt: skip
        if world.first:
            best = fitted.best
            print(
                f"epoch {best['epoch']} of {len(fitted.rows)} was best: validation loss {best['val_loss']:.4f}, "
                f"accuracy {best['val_accuracy']:.1%}"
            )
    return 0


def _try_once(module: Any, prepare: Any, options: argparse.Namespace) -> None:
    """Raise CourseError for a network that can't take images of ``--side`` pixels."""
    import torch

    try:
        with torch.no_grad():
            module.eval()(prepare(torch.zeros(1, 3, options.side, options.side, dtype=torch.uint8)))
    except (AssertionError, RuntimeError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CourseError(f"{options.model} can't take --side {options.side} ({reason}): try 224.") from None


def _images(options: argparse.Namespace, seed: int) -> tuple[Any, Any]:
    """Return (training, validation) datasets."""
    from synscenes.train import tasks
    from synscenes.train.data import Folder, portion

    if options.data in ("traffic_lights", "branch_photos"):
        if options.validation:
            raise CourseError(f"--data {options.data} brings its own validation images: leave --validation out.")
        return getattr(tasks, f"{options.data}_split")(options.side, seed)
    train = Folder(options.data, options.side)
    if options.validation:
        return train, Folder(options.validation, options.side, classes=train.classes).plain()
    return portion(train, 0.2, seed)


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    # Under torchrun a failing process must end at once, or the others wait for it.
    if status and "LOCAL_RANK" in os.environ:
        os._exit(status)
    sys.exit(status)
