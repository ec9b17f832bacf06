"""``python -m synscenes data get | list | check``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from synscenes.errors import CourseError
from synscenes.realdata import access, sources, status
from synscenes.realdata.full import PARTS


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands to ``parser``."""
    commands = parser.add_subparsers(dest="data_command", metavar="get|list|check", required=True)
    get = commands.add_parser("get", help="get the real COCO from its hosts, or install your copy of ImageNet")
    get.add_argument("name", choices=("coco", "imagenet"))
    get.add_argument("--tier", choices=status.TIERS, default="sample", help="how much (default: sample)")
    get.add_argument("--from", dest="folder", metavar="FOLDER", type=Path, help="a folder that holds the archives")
    get.add_argument("--to", metavar="FOLDER", type=Path, help="where it goes (default: the course's folder of files)")
    get.add_argument("--host", metavar="URL", help=f"a mirror of COCO's host (or the variable {sources.HOST_VARIABLE})")
    get.add_argument("--split", choices=sources.SPLITS, help="full COCO: only this split (default: both)")
    get.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="full COCO: only these (default: all)")
    get.add_argument("--no-archives", action="store_true", help="full COCO: read the archives from afar; half the disk")
    get.add_argument("--in-place", action="store_true", help="full ImageNet: read the archives where they are")
    get.add_argument("--unofficial", action="store_true", help="also take archives that aren't the official ones")
    get.add_argument("--quiet", action="store_true", help="print nothing but errors and the place")
    for word in ("list", "status"):
        commands.add_parser(word, help="show which tiers are here, how large, and where")
    check = commands.add_parser("check", help="read every file that was got and compare it with its sha256")
    check.add_argument("name", nargs="?", choices=("coco", "imagenet"))
    check.add_argument("--tier", choices=status.TIERS)
    check.add_argument("--repair", action="store_true", help="delete what is damaged, so that `data get` gets it again")


def run(args: argparse.Namespace) -> int:
    """Run the chosen subcommand; return 0, or 1 when check finds a problem. Raises CourseError."""
    if args.data_command in ("list", "status"):
        print(status.table())
        return 0
    if args.data_command == "check":
        return _check(args)
    if args.name == "imagenet" and args.folder is None:
        print(access.how_to_get())
        return 1
    root = (args.to or status.place(args.name, args.tier)).expanduser().absolute()
    from synscenes.realdata.space import alone

    with alone(root):
        if args.name == "coco":
            _coco(args, root)
        else:
            _imagenet(args, root)
    print(f'{args.name} {args.tier}: {root} (DATA = "{args.tier}")')
    return 0


def _coco(args: argparse.Namespace, root: Path) -> None:
    from synscenes.realdata import full, sample
    from synscenes.realdata.origin import Origin
    from synscenes.realdata.transport import Client

    work = root.parent / f".{root.name}.part"
    origin = Origin(Client(), work, args.host, args.folder, not args.unofficial, not args.quiet)
    if args.tier == "sample":
        sample.get(root, origin)
    else:
        splits = (args.split,) if args.split else sources.SPLITS
        full.get(root, origin, splits, args.parts, archives=not args.no_archives)


def _imagenet(args: argparse.Namespace, root: Path) -> None:
    from synscenes.realdata import copies, imagenet_sample, indexing, installing

    with copies.find(args.folder) as copy:
        if args.tier == "sample":
            imagenet_sample.get(copy, root, not args.quiet)
        elif args.in_place or isinstance(copy, copies.Folders):
            indexing.index(copy, root, not args.unofficial, not args.quiet)
        else:
            installing.install(copy, root, not args.unofficial, not args.quiet)


def _check(args: argparse.Namespace) -> int:
    tiers = [
        tier
        for tier in status.tiers()
        if args.name in (None, tier.name) and args.tier in (None, tier.tier) and tier.root.is_dir()
    ]
    if not tiers:
        raise CourseError("Nothing is here to check: `python -m synscenes data get` gets it.")
    bad = 0
    for tier in tiers:
        found = status.check(tier, args.repair)
        for line in found:
            print(f"{tier.name} {tier.tier}: {line}", file=sys.stderr)
        if found:
            bad += len(found)
            print(f"`{tier.command}` gets again what is missing.", file=sys.stderr)
        else:
            print(f"{tier.name} {tier.tier}: {tier.files:,} files, each with its sha256.")
    return 1 if bad else 0
