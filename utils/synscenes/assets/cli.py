"""``python -m synscenes assets fetch | verify | list``."""

from __future__ import annotations

import argparse
import sys
import time

from synscenes.assets import store
from synscenes.assets.attribution import used_by_words
from synscenes.assets.entries import find, manifest
from synscenes.paths import home


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the subcommands to ``parser``."""
    commands = parser.add_subparsers(dest="assets_command", metavar="fetch|verify|list|pin", required=True)
    fetch = commands.add_parser("fetch", help="fetch what is missing, repair what is damaged, draw micro-COCO")
    fetch.add_argument(
        "names", nargs="*", metavar="NAME", help="assets (default: what the lessons at hand use)"
    )
    fetch.add_argument(
        "--site", action="store_true", help="also what the website and the slides are built with"
    )
    fetch.add_argument("--all", action="store_true", help="every asset")
    fetch.add_argument("--quiet", action="store_true", help="print nothing but errors")
    verify = commands.add_parser(
        "verify", help="read every byte of what is there and compare it with its sha256"
    )
    verify.add_argument("names", nargs="*", metavar="NAME", help="assets (default: those present)")
    commands.add_parser("list", help="show every asset: size, presence, licence, users")
    pin = commands.add_parser("pin", help="for maintainers: print an archive's hashes for the manifest")
    pin.add_argument("name", metavar="NAME")
    pin.add_argument("archive", metavar="ARCHIVE")
    pin.add_argument("patterns", nargs="+", metavar="PATH[=TARGET]")


def run(args: argparse.Namespace) -> int:
    """Run the chosen subcommand; return 0, or 1 when verify finds a problem. Raises CourseError."""
    if args.assets_command == "fetch":
        return _fetch(args)
    if args.assets_command == "verify":
        return _verify(args.names)
    if args.assets_command == "pin":
        from synscenes.assets.pinning import pin

        print(pin(args.name, args.archive, args.patterns), end="")
        return 0
    return _list()


def _fetch(args: argparse.Namespace) -> int:
    if args.all:
        names = list(manifest())
    else:
        names = args.names or store.needed()
        names += [name for name in store.needed(site=True) if args.site and name not in names]
    for name in names:
        find(name)  # a misspelt name stops everything before the first download
    missing = [row.asset for row in store.status() if row.asset.name in names and not row.present]
    if missing and not args.quiet:
        megabytes = sum(asset.archive.size for asset in missing) / 1e6
        print(f"Fetching {_count(len(missing))}, {megabytes:.1f} MB, into {home() / 'assets'}", flush=True)
    started = time.monotonic()
    store.fetch(names, progress=not args.quiet)
    if not args.quiet:
        fetched = f", {_count(len(missing))} fetched in {time.monotonic() - started:.0f} s" if missing else ""
        print(f"{_count(len(names))} present and verified{fetched}.")
    if "twemoji" in names and not args.names:
        _draw_micro_coco(quiet=args.quiet)
    return 0


def _draw_micro_coco(quiet: bool) -> None:
    """Make micro-COCO's default dataset from its sprites, once, so that no lesson has to wait for it."""
    from synscenes import micrococo

    if not micrococo.is_made() and not quiet:
        print("Drawing micro-COCO, the small synthetic COCO of part II (once, a minute or less) ...", flush=True)
    micrococo.default(progress=not quiet)


def _verify(names: list[str]) -> int:
    checked = names or [row.asset.name for row in store.status() if (row.folder / store.RECORD).is_file()]
    problems = store.verify(checked)
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print("`python -m synscenes assets fetch NAME` repairs an asset.", file=sys.stderr)
        return 1
    if checked:
        print(f"{_count(len(checked))} verified: every file has its sha256.")
    else:
        print("No asset is present: `python -m synscenes assets fetch` gets what the lessons use.")
    return 0


def _list() -> int:
    rows = [("name", "MB", "present", "used by", "licence")]
    for row in store.status():
        asset = row.asset
        present = "damaged" if row.damage else "yes" if row.present else "no"
        rows.append(
            (asset.name, f"{asset.archive.size / 1e6:.1f}", present, used_by_words(asset), asset.licence)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for name, megabytes, present, users, licence in rows:
        line = f"{name:<{widths[0]}}  {megabytes:>{widths[1]}}  {present:<{widths[2]}}  {users:<{widths[3]}}  {licence}"
        print(line.rstrip())
    print(f"\nCache: {home() / 'assets'} (SYNSCENES_HOME changes it). MB are what is downloaded.")
    return 0


def _count(number: int) -> str:
    return f"{number} asset{'' if number == 1 else 's'}"
