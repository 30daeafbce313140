"""Renew `policies/lifecycles.yaml` from a checkout of https://github.com/endoflife-date/endoflife.date.

    git clone --depth 1 https://github.com/endoflife-date/endoflife.date /tmp/endoflife
    python scripts/refresh_lifecycles.py /tmp/endoflife

A bare repository does as well.  Products that are not taken from there keep what stands in the file.
Needs PyYAML and git.
"""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "policies" / "lifecycles.yaml"
HEADER = """\
# When the support of versions ends, as their vendors publish it; what is not here is not judged.
#
# end_of_support is the last day of ordinary support, extended_until that of support which costs extra or
# has to be asked for. Products with `data` come from https://endoflife.date (MIT licence, Copyright 2020
# endoflife.date contributors) and are renewed by scripts/refresh_lifecycles.py; the others were read in
# the vendor's documentation at `source` and are kept by it.
"""


class Wanted(NamedTuple):
    """A product to take: its file there, its title, how many numbers a version has, and its fields."""

    file: str
    title: str
    parts: int = 2  # 0: versions are names
    end: str = "eol"
    extended: str | None = "eoes"
    ordered: bool = True


# Of Lambda `eoas` is the day of deprecation, `eol` the day from which functions cannot be updated.
WANTED = {
    "eks": Wanted("amazon-eks", "Amazon EKS"),
    "gke": Wanted("google-kubernetes-engine", "Google Kubernetes Engine", extended=None),
    "aks": Wanted("azure-kubernetes-service", "Azure Kubernetes Service"),
    "kubernetes": Wanted("kubernetes", "Kubernetes", extended=None),
    "rds-postgres": Wanted("amazon-rds-postgresql", "Amazon RDS for PostgreSQL", 1),
    "rds-mysql": Wanted("amazon-rds-mysql", "Amazon RDS for MySQL"),
    "rds-mariadb": Wanted("amazon-rds-mariadb", "Amazon RDS for MariaDB", extended=None),
    "aurora-postgresql": Wanted("amazon-aurora-postgresql", "Amazon Aurora PostgreSQL", 1),
    "documentdb": Wanted("amazon-documentdb", "Amazon DocumentDB"),
    "neptune": Wanted("amazon-neptune", "Amazon Neptune", 4, extended=None),
    "elasticache-redis": Wanted("amazon-elasticache-redis", "Amazon ElastiCache for Redis OSS", 1),
    "opensearch": Wanted("amazon-opensearch", "Amazon OpenSearch Service", ordered=False),
    "msk": Wanted("amazon-msk", "Amazon MSK", extended=None),
    "mq-activemq": Wanted("amazon-mq-activemq", "Amazon MQ for ActiveMQ", extended=None),
    "mq-rabbitmq": Wanted("amazon-mq-rabbitmq", "Amazon MQ for RabbitMQ", extended=None),
    "lambda": Wanted("aws-lambda", "AWS Lambda", 0, "eoas", None),
    "azure-postgresql": Wanted("azure-database-for-postgresql", "Azure Database for PostgreSQL", 1),
    "azure-mysql": Wanted("azure-database-for-mysql", "Azure Database for MySQL"),
}


def main(checkout: Path) -> None:
    """Write the table anew; raises where the checkout lacks a product."""
    as_of = datetime.date.fromisoformat(_git(checkout, "log", "-1", "--format=%cs", "HEAD"))
    old: dict[str, Any] = {}
    if TARGET.is_file():
        old = yaml.safe_load(TARGET.read_text(encoding="utf-8"))["products"]
    products = {name: entry for name, entry in old.items() if "data" not in entry}
    for name, wanted in WANTED.items():
        products[name] = product(checkout, wanted, as_of)
    TARGET.write_text(HEADER + "products:\n" + "".join(_lines(products)), encoding="utf-8")


def product(checkout: Path, wanted: Wanted, as_of: datetime.date) -> dict[str, Any]:
    """One product in the shape of the table."""
    text = _git(checkout, "show", f"HEAD:products/{wanted.file}.md")
    data = yaml.safe_load(text.split("\n---", 1)[0])
    versions: dict[str, dict[str, Any]] = {}
    for release in data["releases"]:
        version = str(release["releaseCycle"])
        if wanted.parts and len(version.split(".")) > wanted.parts:
            continue  # a minor version beside its major one
        versions[version] = _dates(release, wanted)
    entry: dict[str, Any] = {
        "title": wanted.title,
        "source": data.get("releasePolicyLink") or _source(data),
        "data": f"https://endoflife.date/{wanted.file}",
        "as_of": as_of,
    }
    if not wanted.parts:
        entry["scheme"] = "names"
    if not wanted.parts or not wanted.ordered:
        entry["ordered"] = False
    entry["versions"] = versions
    return entry


def _source(data: dict[str, Any]) -> str:
    """The page of the vendor that a product without a policy link is read from."""
    methods = data["auto"]["methods"]
    return str(next(method["release_table"] for method in methods if "release_table" in method))


def _dates(release: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    dates: dict[str, Any] = {}
    if isinstance(release.get("releaseDate"), datetime.date):
        dates["released"] = release["releaseDate"]
    end = release.get(wanted.end)
    if isinstance(end, datetime.date):
        dates["end_of_support"] = end
    elif end is True:
        dates["ended"] = True
    extended = release.get(wanted.extended) if wanted.extended else None
    if isinstance(extended, datetime.date):
        dates["extended_until"] = extended
    return dates


def _lines(products: dict[str, Any]) -> list[str]:
    """The products as YAML, a version a line: a change of one date is a change of one line."""
    lines = []
    for name in sorted(products):
        entry = products[name]
        lines.append(f"  {name}:\n")
        for key, value in entry.items():
            if key != "versions":
                lines.append(f"    {key}: {str(value).lower() if isinstance(value, bool) else value}\n")
        lines.append("    versions:\n")
        for version, dates in entry["versions"].items():
            inner = ", ".join(f"{k}: {str(v).lower() if v is True else v}" for k, v in dates.items())
            lines.append(f'      "{version}": {{{inner}}}\n')
    return lines


def _git(checkout: Path, *arguments: str) -> str:
    command = ["git", "-C", str(checkout), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
