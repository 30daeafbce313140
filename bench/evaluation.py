"""How long the evaluation of Terraform takes where it could explode, beside reading it.

    python bench/evaluation.py

Every case is a generated root.  Printed are the medians of three runs in this process: reading
(cut and decoded from a warm cache) and building (evaluated, linked), in milliseconds.
"""

from __future__ import annotations

import datetime
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from readiness.estate.build import build_estate
from readiness.estate.reader import Reader
from readiness.repo.discover import discover
from readiness.sources.cache import Cache
from readiness.sources.hcl.file import HclFile
from readiness.terraform.build import Builder

Files = Mapping[str, str]


def instances() -> Files:
    """2,000 instances: four resources for each of 500 entries of a map, that refer to each other."""
    entries = "\n".join(
        f'    k{n} = {{ name = "n{n}", cidrs = ["10.{n % 250}.0.0/16", "10.{n % 250}.1.0/24"] }}'
        for n in range(500)
    )
    return {
        "main.tf": f"locals {{\n  all = {{\n{entries}\n  }}\n}}\n"
        + """
resource "aws_vpc" "a" {
  for_each   = local.all
  cidr_block = each.value.cidrs[0]
  tags       = merge({ owner = "team" }, { Name = each.value.name })
}
resource "aws_subnet" "b" {
  for_each   = local.all
  vpc_id     = aws_vpc.a[each.key].id
  cidr_block = each.value.cidrs[1]
}
resource "aws_security_group" "c" {
  for_each = { for name, entry in local.all : name => entry if length(entry.cidrs) > 1 }
  vpc_id   = aws_vpc.a[each.key].id
  dynamic "ingress" {
    for_each = each.value.cidrs
    content {
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = [ingress.value]
    }
  }
}
resource "aws_instance" "d" {
  for_each               = local.all
  subnet_id              = aws_subnet.b[each.key].id
  vpc_security_group_ids = [aws_security_group.c[each.key].id]
  tags                   = { Name = local.all[each.key].name }
}
output "ids" {
  value = [for instance in aws_instance.d : instance.id]
}
"""
    }


def chain() -> Files:
    """200 locals, each of which uses the former twice, as numbers and as texts."""
    numbers = "\n".join(f"  n{i} = local.n{i - 1} + local.n{i - 1}" for i in range(1, 201))
    texts = "\n".join(f'  t{i} = "${{local.t{i - 1}}}${{local.t{i - 1}}}"' for i in range(1, 201))
    lists = "\n".join(f"  l{i} = [local.l{i - 1}, local.l{i - 1}]" for i in range(1, 201))
    body = "  n = local.n200\n  t = local.t200\n  l = local.l200\n"
    return {
        "main.tf": f'locals {{\n  n0 = 1\n  t0 = "ab"\n  l0 = []\n{numbers}\n{texts}\n{lists}\n}}\n'
        f'resource "aws_x" "x" {{\n{body}}}\n'
    }


def diamonds() -> Files:
    """Nine levels of modules, each of which calls the next twice with the same inputs."""
    call = 'module "{}" {{\n  source = "{}"\n  x      = {}\n}}\n'
    files = {"main.tf": call.format("a", "./m1", '"v"') + call.format("b", "./m1", '"v"')}
    for level in range(1, 9):
        inner = "".join(call.format(name, f"../m{level + 1}", "var.x") for name in "ab")
        files[f"m{level}/main.tf"] = 'variable "x" {}\n' + inner
    resources = "\n".join(f'resource "aws_x" "r{n}" {{\n  x = upper(var.x)\n}}' for n in range(8))
    files["m9/main.tf"] = f'variable "x" {{}}\n{resources}\n'
    return files


CASES: dict[str, Callable[[], Files]] = {"instances": instances, "chain": chain, "diamonds": diamonds}


def nothing(_folder: str) -> list[HclFile] | None:
    """There are no folders but those that were read."""
    return None


def once(folder: Path, cache: Cache) -> tuple[float, float, int]:
    """Seconds for reading and for building, and the number of resources."""
    begun = time.perf_counter()
    sources = Reader(cache, 1).read(discover(["."], folder).files)
    read = time.perf_counter()
    estate, errors = build_estate(sources, Builder(sources.hcl, nothing), datetime.date.today())
    assert not errors, errors[0]
    return read - begun, time.perf_counter() - read, len(estate.resources)


def main() -> None:
    """Print a line for each case."""
    with tempfile.TemporaryDirectory(prefix="readiness-bench-") as name:
        cache = Cache(Path(name) / "cache")
        for case, make in CASES.items():
            folder = Path(name) / case
            for path, text in make().items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text, encoding="utf-8")
            once(folder, cache)
            runs = [once(folder, cache) for _ in range(3)]
            reading, building = (statistics.median(run[i] for run in runs) * 1000 for i in (0, 1))
            print(f"{case}: {runs[0][2]:,} resources, read {reading:.0f} ms, built {building:.0f} ms")
        cache.close()


if __name__ == "__main__":
    main()
