"""Key figures of a small repository counted anew, from its texts alone: `python recount.py FOLDER DAY`.

It shares nothing with the package that it is held against but what docs/kpis.md says, and understands no more of
Terraform than blocks, texts and lists.  It prints JSON: `[met, of]` by id of the key figure.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Block = tuple[str, list[str], str]
_BLOCK = re.compile(r'^\s*(\w+)((?:\s+"[^"]*")*)\s*(=?)\s*\{', re.MULTILINE)
_MOVING = {"latest", "main", "master", "stable", "edge"}
_LOOKS_BACK = re.compile(
    r"\b(absent|absent_over_time|increase|changes|resets|\w+_over_time|predict_linear)\s*\("
)


def blocks(text: str) -> Iterator[Block]:
    """The blocks (and maps) of a Terraform text: word, labels and what stands between the braces."""
    at = 0
    while match := _BLOCK.search(text, at):
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield match[1], re.findall(r'"([^"]*)"', match[2]), text[match.end() : end - 1]
        at = end


def value(text: str, name: str) -> str | None:
    """The text of an argument, without its quotes."""
    match = re.search(rf"^\s*{name}\s*=\s*(.+?)\s*$", text, re.MULTILINE)
    return match[1].strip('"') if match else None


def keys(text: str) -> set[str]:
    """The names in a map."""
    return set(re.findall(r"^\s*([\w-]+)\s*=", text, re.MULTILINE))


def inner(text: str, word: str) -> str:
    """What the first block of a name holds, at any depth; nothing where there is none."""
    for name, _, body in blocks(text):
        found = body if name == word else inner(body, word)
        if found:
            return found
    return ""


class Recount:
    """Counts `[met, of]` by id."""

    def __init__(self, folder: Path, today: datetime.date) -> None:
        self.folder, self.today = folder, today
        self.counts: dict[str, list[int]] = {}
        self.manifests = [
            document
            for path in sorted(folder.glob("deploy/*.yaml"))
            for document in yaml.safe_load_all(path.read_text())
        ]

    def add(self, name: str, *results: bool) -> None:
        """Count things that are met or not."""
        count = self.counts.setdefault(name, [0, 0])
        count[0] += sum(results)
        count[1] += len(results)

    def all(self) -> dict[str, list[int]]:
        """Every number."""
        for manifest in self.manifests:
            kind = manifest["kind"]
            if kind == "Deployment":
                self.workload(manifest)
            elif kind == "PrometheusRule":
                self.rules(manifest)
            elif kind in ("Role", "ClusterRole"):
                for rule in manifest["rules"]:
                    self.add("least-privilege", "*" not in rule["verbs"] + rule["resources"])
            elif kind == "Application":
                automated = manifest["spec"]["syncPolicy"].get("automated")
                self.add("drift-protection", automated is not None, bool(automated.get("selfHeal")))
        self.services()
        self.runbooks()
        self.terraform()
        self.waivers()
        return self.counts

    def workload(self, manifest: dict[str, Any]) -> None:
        containers = manifest["spec"]["template"]["spec"]["containers"]
        for container in containers:
            if container.get("ports"):
                self.add("probe-coverage", "readinessProbe" in container)
            self.add("probe-coverage", "livenessProbe" in container)
            given = container.get("resources", {})
            for part, name in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
                self.add("resources-coverage", name in given.get(part, {}))
            image = container["image"]
            tag = image.rpartition(":")[2]
            self.add("pinned-images", "@" in image or (":" in image and tag not in _MOVING))
        if int(manifest["metadata"]["labels"]["tier"]) < 2:
            annotations = manifest["metadata"].get("annotations") or {}
            self.add("runbook-components", any("runbook" in key for key in annotations))

    def services(self) -> None:
        objectives: dict[str, list[dict[str, Any]]] = {}
        for manifest in self.manifests:
            if manifest["kind"] == "PrometheusServiceLevel":
                objectives.setdefault(manifest["spec"]["service"], []).extend(manifest["spec"]["slos"])
        for manifest in self.manifests:
            if manifest["kind"] != "Deployment":
                continue
            labels, annotations = (manifest["metadata"].get(key) or {} for key in ("labels", "annotations"))
            owned = bool(labels.get("owner"))
            self.add("ownership", owned)
            if int(labels["tier"]) < 2:
                declared = objectives.get(labels["app.kubernetes.io/part-of"], [])
                runbook = any("runbook" in key for key in annotations)
                self.add("slo-coverage", bool(declared))
                self.add("reliability-standard", bool(declared) and runbook and owned)
                for objective in declared:
                    speeds = (objective["alerting"][key] for key in ("pageAlert", "ticketAlert"))
                    self.add("slo-burn-rates", not any(speed.get("disable") for speed in speeds))
                    if objective["name"] == "latency":
                        self.add("slo-latency", objective["objective"] >= 99)
                    else:
                        # Tier 1; tier 0 has none.
                        self.add("slo-availability", objective["objective"] >= 99.5)

    def rules(self, manifest: dict[str, Any]) -> None:
        for group in manifest["spec"]["groups"]:
            shared = group.get("labels", {})
            for rule in group["rules"]:
                if "alert" not in rule:
                    continue
                labels = {**shared, **rule["labels"]}
                runbook = bool(rule["annotations"].get("runbook_url"))
                if labels["severity"] in ("critical", "page"):
                    self.add("runbook-alerts", runbook)
                if labels["severity"] != "none":
                    patient = "for" in rule or _LOOKS_BACK.search(rule["expr"]) is not None
                    self.add("alert-quality", runbook and patient and "owner" in labels)

    def runbooks(self) -> None:
        linked = set(re.findall(r"/(docs/runbooks/[\w.-]+)", json.dumps(self.manifests)))
        for path in sorted(linked):
            reviewed = re.search(r"^last_reviewed: (.+)$", (self.folder / path).read_text(), re.MULTILINE)
            assert reviewed is not None
            age = self.today - datetime.date.fromisoformat(reviewed[1])
            self.add("runbook-freshness", age.days <= 183)

    def terraform(self) -> None:
        text = (self.folder / "main.tf").read_text()
        default = keys(inner(inner(text, "default_tags"), "tags"))
        for name, _, body in blocks(inner(text, "required_providers")):
            assert name in ("aws", "random")
            self.add("pinned-providers", value(body, "version") is not None)
        for word, labels, body in blocks(text):
            if word == "module":
                self.module(value(body, "source") or "", value(body, "version"), default)
            elif word == "resource":
                self.add("module-adoption", False)
                self.tagged(default | keys(inner(body, "tags")), value(inner(body, "tags"), "tier"))
            if labels[:1] == ["aws_db_instance"]:
                days = value(body, "backup_retention_period")
                if not (days or "").startswith("var."):
                    self.add("backup-coverage", int(days or 0) >= 7)
                self.add("encryption-at-rest", value(body, "storage_encrypted") == "true")
            for name, _, statement in blocks(body) if labels[:1] == ["aws_iam_policy_document"] else ():
                actions = re.findall(r'"([^"]*)"', value(statement, "actions") or "")
                self.add("least-privilege", name == "statement" and not any(":*" in one for one in actions))

    def module(self, source: str, version: str | None, default: set[str]) -> None:
        if source.startswith("./"):
            for path in sorted((self.folder / source).glob("*.tf")):
                for _, _, body in blocks(path.read_text()):
                    self.add("module-adoption", True)
                    self.tagged(default | keys(inner(body, "tags")), None)
                    # A queue that says nothing is encrypted by SQS itself.
                    self.add("encryption-at-rest", True)
            return
        self.add("module-adoption", True)
        pinned = version is not None if "::" not in source else re.search(r"ref=(?!main)", source) is not None
        self.add("pinned-modules", pinned)

    def tagged(self, tags: set[str], tier: str | None) -> None:
        wanted = {"owner", "service", "environment", "cost-center"}
        if int(tier or 1) < 2:
            wanted |= {"tier", "data-classification"}
        self.add("tag-compliance", wanted <= tags)

    def waivers(self) -> None:
        for waiver in yaml.safe_load((self.folder / "waivers.yaml").read_text())["waivers"]:
            current = waiver["expires"] >= self.today
            self.add("exceptions-current", current)
            if current:
                self.add("exceptions-reasoned", bool(waiver.get("reason")))
                self.add("waivers-owned", bool(waiver.get("owner")))


if __name__ == "__main__":
    print(json.dumps(Recount(Path(sys.argv[1]), datetime.date.fromisoformat(sys.argv[2])).all(), indent=1))
