"""What flows between the modules of this room: what was seen, what other tools skip, what will be written."""

from __future__ import annotations

from msgspec import Struct, field


class Options(Struct, frozen=True):
    """What a person asks of `readiness init`.

    `ci` is `auto`, `github`, `gitlab` or `none`; `source` the address of the repository that hook and CI job
    take readiness from, with its revision; `extends` are settings that others share.
    """

    ci: str = "auto"
    hook: bool = True
    migrate: bool = True
    rewrite: bool = False
    baseline: bool = False
    force: bool = False
    source: str | None = None
    extends: tuple[str, ...] = ()


class Skip(Struct, frozen=True):
    """One request of another tool's configuration to leave something out.

    `form` is `config`, `comment` or `annotation`.  `ids` are its checks as they are written; `path` and
    `line` say where.  `paths` (globs) and `resources` (globs of addresses) say what it is about, where it is
    not about everything below `folder`.  `until` is its last day.  `why` says why it cannot be moved.
    """

    tool: str
    ids: tuple[str, ...]
    path: str
    line: int
    form: str = "config"
    folder: str = "."
    reason: str | None = None
    until: str | None = None
    paths: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    why: str | None = None


class Note(Struct, frozen=True, order=True):
    """Something at a place that a person should know."""

    path: str
    line: int
    message: str


class Peers(Struct):
    """What the configuration of other tools says: its files, its skips, and what was not understood."""

    files: dict[str, list[str]] = field(default_factory=dict)
    skips: list[Skip] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class Key(Struct, frozen=True):
    """A label, annotation or tag that seems to carry a fact: on how many resources, and if it is read."""

    name: str
    fact: str  # "owner" | "service" | "tier" | "environment"
    kind: str  # "label" | "annotation" | "tag"
    resources: int
    read: bool


class Adjustment(Struct, frozen=True):
    """A parameter of a policy that should know a key of this repository: its new value, and why."""

    policy: str
    param: str
    value: tuple[str, ...]
    added: tuple[str, ...]


class Cluster(Struct, frozen=True):
    """A cluster that Terraform declares, with the release of Kubernetes that it runs."""

    address: str
    path: str
    line: int
    release: str


class Found(Struct):
    """What a repository holds, as far as settings, hook and CI job depend on it.

    `roots` are folders of Terraform, `platforms` counts of resources by platform, `environments` names.
    `workflows` and `ci` are files by the system that reads them.
    """

    roots: list[str] = field(default_factory=list)
    charts: list[str] = field(default_factory=list)
    overlays: list[str] = field(default_factory=list)
    platforms: dict[str, int] = field(default_factory=dict)
    environments: list[str] = field(default_factory=list)
    tiered: int = 0
    keys: list[Key] = field(default_factory=list)
    adjustments: list[Adjustment] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)
    codeowners: str | None = None
    owner: str | None = None
    ci: dict[str, list[str]] = field(default_factory=dict)
    hooks: str | None = None
    host: str | None = None
    branch: str = "main"
    peers: Peers = field(default_factory=Peers)
    unread: list[Note] = field(default_factory=list)


class Row(Struct, frozen=True):
    """What became of one id of a skip.

    `outcome` is `ignored` (in the settings), `waived`, `honoured` (it stands in the code and works as it
    is), `rewritten`, `expired`, `unknown` (no policy answers to it) or `left` (it cannot be said here).
    `where` is the file that says it now.
    """

    tool: str
    id: str
    path: str
    line: int
    form: str
    policies: tuple[str, ...]
    outcome: str
    where: str | None = None
    why: str | None = None


class FileChange(Struct):
    """One file of the plan: `action` is `create`, `extend`, `replace`, `rewrite`, `keep` or `print`.

    `text` is what it will hold, or with `print` what a person should put there; `was` what it holds now (None
    for no file).
    """

    path: str
    action: str
    what: str
    text: str | None = None
    was: str | None = None


class Plan(Struct):
    """Everything that `readiness init` does, before it does it.

    `baseline` is the file of the baseline that is to be made once the rest is written, else None, and
    `old_baseline` what it holds now; `todo` is what only a person can do.
    """

    found: Found
    files: list[FileChange] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    baseline: str | None = None
    old_baseline: str | None = None
    todo: list[str] = field(default_factory=list)

    @property
    def targets(self) -> list[FileChange]:
        """The same with the baseline."""
        if self.baseline is None:
            return self.changed
        record = FileChange(self.baseline, "record", "the findings of today", was=self.old_baseline)
        return [*self.changed, record]

    @property
    def changed(self) -> list[FileChange]:
        """The files that are written."""
        return [file for file in self.files if file.action in ("create", "extend", "replace", "rewrite")]
