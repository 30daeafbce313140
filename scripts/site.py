"""Lay out what the site is built from: the Markdown files of the repository, and what they link to.

Everything keeps its place, so that a link that holds on GitHub holds on the site.  A link to a folder without
a README becomes plain text, and files that are linked are copied beside the pages.  A link to a file or a
heading that is not there is named.  Used by `make docs`; `mkdocs.yml` names the folders.
"""

from __future__ import annotations

import functools
import re
import shutil
import sys
from pathlib import Path

from readiness.repo.markdown import Document, has_anchor, read_document

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "build" / "docs"
TOP = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_LINK = re.compile(r"(?<![!\\])\[([^\[\]]*)\]\(([^()\s]+)\)")


def lay_out(root: Path = ROOT, pages: Path = PAGES) -> list[str]:
    """Fill the folder of the pages anew; what is wrong with links, as `path:line: what`."""
    shutil.rmtree(pages, ignore_errors=True)
    wrong: list[str] = []
    sources = [root / name for name in TOP if (root / name).is_file()]
    for source in [*sources, *sorted((root / "docs").rglob("*.md"))]:
        target = pages / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_page(source, root, pages, wrong), encoding="utf-8", newline="\n")
    for style in sorted((root / "docs").glob("*.css")):
        shutil.copyfile(style, pages / "docs" / style.name)
    return wrong


def _page(source: Path, root: Path, pages: Path, wrong: list[str]) -> str:
    """The text of a page; files that it links to are copied."""
    out = []
    fence = ""
    for number, line in enumerate(source.read_text(encoding="utf-8").split("\n"), 1):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            fence = mark[1]
        else:
            place = f"{source.relative_to(root).as_posix()}:{number}"
            line = _LINK.sub(functools.partial(_link, source, root, pages, place, wrong), line)
        out.append(line)
    return "\n".join(out)


@functools.cache
def _document(path: Path) -> Document:
    return read_document(path.read_text(encoding="utf-8"), path.name) or Document()


def _link(source: Path, root: Path, pages: Path, place: str, wrong: list[str], match: re.Match[str]) -> str:
    if re.match(r"[a-z]+:", match[2]):
        return match[0]
    target, _, fragment = match[2].partition("#")
    path = (source.parent / target).resolve() if target else source
    if fragment and path.suffix == ".md" and path.is_file() and not has_anchor(_document(path), fragment):
        wrong.append(f"{place}: there is no heading {match[2]}")
    if not path.is_relative_to(root) or not path.exists():
        wrong.append(f"{place}: there is no {target}")
    elif path.is_dir():
        return match[1] if not (path / "README.md").is_file() else f"[{match[1]}]({target}/README.md)"
    elif path.suffix != ".md":
        copy = pages / path.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    elif path.parent != root and not path.is_relative_to(root / "docs"):
        wrong.append(f"{place}: {target} is no page of the site")
    return match[0]


if __name__ == "__main__":
    problems = lay_out()
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)
