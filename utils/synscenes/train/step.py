"""The heart of the loop: one update of the weights, and one look at the validation images."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import torch

from synscenes.errors import CourseError
from synscenes.train.nonfinite import where_non_finite

if TYPE_CHECKING:
    from synscenes.train.run import Run

# What a plain RuntimeError says: on Linux and macOS, on Windows, on Apple's GPUs.
_NO_MEMORY = ("can't allocate memory", "not enough memory", "MPS backend out of memory")


def update(run: Run, inputs: Any, targets: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Improve the weights by one batch and return (mean loss, number right), both on the device."""
    inputs, targets = run.prepare(inputs), run.move(targets)
    size, loss, right = len(targets), 0.0, 0
    pieces = in_parts(inputs, targets, run.parts)
    for number, (x, y) in enumerate(pieces):
        with run.without_sync(number + 1 < len(pieces)), run.autocast():
            part, hits = run.objective(run.network, x, y, seed=(run.recipe.seed, run.step, number))
            part = part * (len(y) / size)  # so that the parts add up to the mean over the whole batch
        run.scaler.scale(part).backward()
        loss, right = loss + part.detach(), right + hits
    run.recent.append((run.step, run.rate, loss))
    stop_if_non_finite(run, inputs, every=1 if run.device.type == "cpu" else 10)
    if run.recipe.clip:
        run.scaler.unscale_(run.optimiser)
        torch.nn.utils.clip_grad_norm_(run.module.parameters(), run.recipe.clip)
    run.scaler.step(run.optimiser)  # skipped when fp16 gradients overflowed
    run.scaler.update()
    run.optimiser.zero_grad(set_to_none=True)
    run.schedule.step()
    if run.average:
        run.average.update(run.module)
    run.step += 1
    return loss, right


@torch.no_grad()
def evaluate(run: Run, batches: Any) -> tuple[float, float]:
    """Return (mean loss, accuracy) of the network, or of its average if there is one, over all processes."""
    network = (run.average.module if run.average else run.module).eval()
    sums = torch.zeros(3, device=run.device)
    for inputs, targets in batches:
        with run.autocast():
            for x, y in in_parts(run.prepare(inputs), run.move(targets), run.parts):
                loss, hits = run.objective(network, x, y)
                sums += torch.stack([loss * len(y), hits, torch.tensor(len(y), device=run.device)])
    loss, right, count = run.world.total(sums).tolist()
    return loss / count, right / count


def in_parts(inputs: Any, targets: Any, parts: int):
    """Cut a batch into ``parts`` nearly equal parts; tensors and lists alike."""
    size = len(targets)
    edges = [size * number // parts for number in range(parts + 1)]
    return [(inputs[a:b], targets[a:b]) for a, b in itertools.pairwise(edges) if b > a]


def with_less_memory(run: Run, work: Any, *arguments: Any) -> Any:
    """Do ``work(run, ...)``; when memory runs out, cut batches into twice as many parts and try again.

    The update stays the same, as gradients add up; only BatchNorm notices, since it sees smaller parts. Raises
    CourseError when single images don't fit, or with several processes, which can't change their plan alone.
    """
    while True:
        try:
            return work(run, *arguments)
        except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is a RuntimeError too
            if not is_out_of_memory(error):
                raise
            reason = str(error).splitlines()[0] if str(error) else "out of memory"
        # Outside the except block: the traceback holds on to the tensors that didn't fit.
        run.optimiser.zero_grad(set_to_none=True)
        if run.device.type in ("cuda", "mps"):
            getattr(torch, run.device.type).empty_cache()
        own = run.recipe.batch_size // run.world.size
        if run.world.size > 1:
            raise CourseError(f"Out of memory with {own // run.parts} images at once ({reason}): double --parts.")
        if run.parts * 2 > own:
            raise CourseError(f"Out of memory with a single image ({reason}): use smaller images or a smaller network.")
        run.parts *= 2
        run.say(
            f"Out of memory: from now on {own} images go through the network in {run.parts} parts of about "
            f"{own // run.parts}. The batch stays {own}."
        )


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error says that memory ran out: CUDA has a class of its own for it, CPUs and MPS only words."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _NO_MEMORY)


def stop_if_non_finite(run: Run, inputs: Any, every: int = 1) -> None:
    """Raise CourseError when a loss since the last question was NaN or infinite, saying where it began.

    Asking a GPU makes it wait, so there the question comes every ten steps and at an epoch's end.
    """
    if not run.recent or len(run.recent) < every:
        return
    finite = torch.isfinite(torch.stack([value.float() for *_, value in run.recent])).tolist()
    if not all(finite):
        step, rate, value = run.recent[finite.index(False)]
        raise CourseError(
            f"The loss became {float(value)} in epoch {run.epoch + 1}, step {step + 1}, at a rate of {rate:.3g}. "
            f"First not finite: {where_non_finite(run.module, inputs)}. Lower the rate, or lengthen the warm-up."
        )
    run.recent.clear()
