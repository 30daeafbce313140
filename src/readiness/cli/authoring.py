"""`readiness policies new` and `docs`: begin a policy, and write pages about all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from readiness.cli.options import SEVERITIES, NearChoice, comma_list

if TYPE_CHECKING:
    from readiness.outputs.pages import Catalogue


@click.command("new")
@click.argument("identifier", metavar="ID")
@click.option(
    "--resources",
    multiple=True,
    required=True,
    callback=comma_list,
    metavar="TYPE",
    help="What it looks at: Terraform types (aws_db_instance), Kubernetes kinds (Deployment), workload or "
    "pod. Repeatable, comma-separated; examples are of the first.",
)
@click.option(
    "--argument",
    metavar="PATH[=VALUE]",
    help="The argument that it is about: backup_retention_period, spec.replicas, "
    "container.imagePullPolicy=Always. With a number it is compared with a parameter, with another value for "
    "equality; without a value it has to be there.",
)
@click.option("--control", metavar="CONTROL", help="The control that it implements, such as bck-01.")
@click.option("--severity", type=NearChoice(SEVERITIES), default="medium", show_default=True)
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    help="The folder of the file. Default: policies/PLATFORM/TOPIC, by the resources.",
)
@click.option("--platform", metavar="NAME", help="The folder below policies, or below DIR.")
@click.option("--topic", metavar="NAME", help="The folder below that.")
def new(
    identifier: str,
    resources: tuple[str, ...],
    argument: str | None,
    control: str | None,
    severity: str,
    folder: str | None,
    platform: str | None,
    topic: str | None,
) -> int:
    """Begin a policy: a file with all it needs, and examples that run.

    Writes policies/PLATFORM/TOPIC/ID.yaml, or ID.yaml in the folder that --dir names, and says what is left
    to decide.
    """
    from readiness.cli.writing import to_stdout
    from readiness.outputs.terminal import clean_path
    from readiness.policy.scaffold import Wish, begin, place_for, write_new

    wish = Wish(identifier, resources, argument, control, severity)
    target = place_for(wish, folder, platform, topic)
    draft = begin(wish, target)
    write_new(target, draft.text)
    path = clean_path(target.as_posix())
    lines = [path, *(f"  decide: {what}" for what in draft.open), f"then: readiness policies test {path}"]
    to_stdout("".join(f"{line}\n" for line in lines))
    return 0


@click.command("docs")
@click.option(
    "-o",
    "--output",
    default="docs/policies",
    show_default=True,
    metavar="DIR",
    help="The folder of the pages.",
)
@click.option(
    "--policies",
    "pack",
    metavar="DIR|package:NAME",
    help="The policies that the pages are about. Default: the built-in ones.",
)
@click.option("--check", is_flag=True, help="Write nothing; name the pages that are stale, with status 1.")
def docs(output: str, pack: str | None, check: bool) -> int:
    """Write a Markdown page for each policy and control, and an index.

    Pages that were written before and that nothing needs any more are removed.  Exit status: 0, or with
    --check 1 where a page is stale.
    """
    from readiness.cli.writing import to_stdout
    from readiness.outputs.pages import pages, stale, write
    from readiness.outputs.terminal import clean_path, count

    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        from readiness.errors import UsageError

        raise UsageError(f"{output!r} is no folder: the pages need one")
    wanted = pages(_catalogue(pack))
    if not check:
        changed = write(folder, wanted)
        said = f"{clean_path(output)}: {count(len(wanted), 'page')}, {len(changed):,} changed"
        to_stdout(f"{said}\n")
        return 0
    wrong = stale(folder, wanted)
    lines = [clean_path((folder / name).as_posix()) for name in wrong]
    if wrong:
        options = "".join(
            f" --{name} {clean_path(value)}"
            for name, value in (("output", output), ("policies", pack))
            if value and value != "docs/policies"
        )
        lines.append(f"{count(len(wrong), 'page')} to renew: `readiness policies docs{options}`")
    else:
        lines.append(f"{clean_path(output)}: {count(len(wanted), 'page')}, all up to date")
    to_stdout("".join(f"{line}\n" for line in lines))
    return 1 if wrong else 0


def _catalogue(pack: str | None) -> Catalogue:
    """The built-in policies and controls, or those of a pack with the built-in controls that it names.

    Raises:
        UsageError: the pack is missing or broken.
    """
    from readiness.engine.prepare import own_pack
    from readiness.outputs.pages import Catalogue
    from readiness.policy.bundle import builtin_folder, load_builtin
    from readiness.policy.controls import load_controls, own_controls
    from readiness.policy.packs import locate

    builtin = load_controls(builtin_folder())
    if pack is None:
        return Catalogue(load_builtin(examples=True), builtin)
    place = locate(pack)
    policies = own_pack(pack).policies
    named = {policy.control for policy in policies}
    controls = {id_: facts for id_, facts in builtin.items() if id_ in named}
    controls |= own_controls(place.folder, place.shown)
    return Catalogue(policies, controls, place.shown or place.folder.as_posix())
