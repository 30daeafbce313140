"""`readiness explain POLICY ADDRESS`: why a policy holds for a resource, or does not."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

POLICY = """\
id: {id}
title: {title}
control: bck-01
severity: {severity}
resources: [{type}]
{more}message: "{message}"
remediation: |
  Set the argument to what is expected of it.
examples:
  pass: ["resource \\"demo_db\\" \\"a\\" {{ ok = true }}"]
  fail: ["resource \\"demo_db\\" \\"a\\" {{ ok = false }}"]
"""


def policy(id_: str, title: str, more: str, severity: str = "high", type_: str = "demo_db") -> str:
    """A policy file with some lines of its own."""
    message = "{address} is not right"
    return POLICY.format(id=id_, title=title, severity=severity, type=type_, more=more, message=message)


PACK = {
    "pack/shop-days.yaml": policy(
        "shop-days",
        '"Backups are kept for {params.days} days"',
        "params:\n  days: {type: integer, default: 7, description: How long.}\n"
        "when: object.replica != true\n"
        'assert: object.days >= params.days || (object.kind == "cache" && object.days != null)\n',
    ),
    "pack/shop-any.yaml": policy(
        "shop-any", "Backups are kept", "yields_to: [shop-days]\nassert: object.days != 1\n", "low"
    ),
    "pack/shop-password.yaml": policy(
        "shop-password", "Passwords are long", "assert: size(object.password) > 20\n"
    ),
    "pack/shop-plan.yaml": policy(
        "shop-plan",
        "Databases have a plan",
        'assert: linked("demo_plan").exists(p, p.enabled == true && p.rules.all(r, r.days > 3))\n',
    ),
    "pack/shop-tier.yaml": policy(
        "shop-tier", "Critical stores have copies", "tiers: {0: critical}\nassert: object.copies >= 2\n"
    ),
    "pack/shop-replicas.yaml": policy(
        "shop-replicas", "Workloads run twice", "assert: object.spec.replicas >= 2\n", type_="workload"
    ),
    "pack/shop-image.yaml": policy(
        "shop-image",
        "Images name a version",
        'each: containers\nassert: item.image.matches(":[0-9.]+$")\nat: item.image\n',
        type_="workload",
    ),
    "pack/shop-everything.yaml": policy(
        "shop-everything", "There is a plan", '"on": estate\nassert: size(resources("demo_plan")) > 0\n'
    ),
    "pack/shop-change.yaml": policy(
        "shop-change", "Stores stay", '"on": change\nassert: action != "delete"\n'
    ),
}
DATABASES = """\
variable "days" {
  default = 3
}

variable "later" {}

variable "secret" {
  default   = "correct-horse"
  sensitive = true
}

resource "demo_db" "orders" {
  days     = var.days
  password = var.secret
  plan     = demo_plan.nightly.id
}

resource "demo_plan" "nightly" {
  enabled = true
  rules   = [{ days = 7 }, { days = 1 }]
}

resource "demo_db" "later" {
  days = var.later
}

resource "demo_db" "replica" {
  replica = true
}

resource "demo_db" "many" {
  for_each = { a = 1, b = 30 }
  days     = each.value
  tags     = { environment = "dev", tier = "0" }
}

module "shop" {
  source = "./shop"
  keep   = 2
}
"""
MODULE = """\
variable "keep" {}

# readiness:ignore shop-days reason: rebuilt every night, until 2999-12-31
resource "demo_db" "this" {
  days = var.keep
}
"""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: acme/web:1.0
      - name: proxy
        image: acme/proxy:latest
"""

FAILS = """\
shop-days fails for demo_db.orders

  Backups are kept for 7 days
  demo_db at main.tf:12:1

Why it runs
  selected     yes: profile default (default)
  severity     high: policy
  tier         1: nothing on the resource says one; `tier` (default)
  params.days  7: default

When
  true     object.replica != true
           object.replica is absent (in main.tf:12:1)

Asserts
  false    object.days >= params.days || (object.kind == "cache" && object.days != null)
    false    object.days >= params.days
             object.days = 3 (main.tf:13:3)
               from default of variable days: main.tf:2:13
             params.days = 7 (default)
    false    (object.kind == "cache" && object.days != null)
      false    object.kind == "cache"
               object.kind is absent (in main.tf:12:1)
      true     object.days != null
               object.days = 3 (main.tf:13:3)
                 from default of variable days: main.tf:2:13

Outcome
  high: demo_db.orders is not right
    at: main.tf:13:3
    from: default of variable days: main.tf:2:13
    help: Set the argument to what is expected of it.
    fingerprint: FINGERPRINT
  it fails the gate
"""
ITEMS = """\
For each
  containers: 2 items
    containers = a list of 2 (web.yaml:11:7)

Asserts of proxy (web.yaml:13:9): fail
  false    item.image.matches(":[0-9.]+$")
           item.image = "acme/proxy:latest" (web.yaml:14:9)

Asserts of web (web.yaml:11:9): pass

Outcome
  high: Deployment/shop/web is not right
    at: web.yaml:14:9
    help: Set the argument to what is expected of it.
    fingerprint: FINGERPRINT
  it fails the gate
"""
SEVERAL = """\
5 resources: 2 fail, 1 unknown, 1 pass, 1 skipped

  fail     demo_db.orders     main.tf:12:1
  fail     demo_db.many["a"]  main.tf:31:1
  unknown  demo_db.later      main.tf:23:1
  pass     demo_db.many["b"]  main.tf:31:1
  skipped  demo_db.replica    main.tf:27:1

The first of them follows; an address of its own shows another.

shop-days fails for demo_db.orders
"""


@pytest.fixture
def shop(cli: Any) -> Any:
    """`explain` in a repository with the pack of this module and databases."""
    cli.write({**PACK, "main.tf": DATABASES, "shop/main.tf": MODULE})
    return lambda *args: cli.run("explain", *args, "--policies", "pack")


def sections(result: Any) -> dict[str, list[str]]:
    """The lines of a text by their headings; what stands before the first is ""."""
    found: dict[str, list[str]] = {"": []}
    heading = ""
    for line in result.out.splitlines():
        if line and not line.startswith(" ") and found[""]:
            heading = line
            found[heading] = []
        elif line:
            found[heading].append(line)
    return found


def steady(text: str) -> str:
    """A text without the digits of fingerprints."""
    lines = text.splitlines()
    return "".join(
        "    fingerprint: FINGERPRINT\n" if line.startswith("    fingerprint: ") else f"{line}\n"
        for line in lines
    )


def test_whole_text(shop: Any) -> None:
    result = shop("shop-days", "demo_db.orders")
    assert (result.status, result.err) == (0, "")
    assert steady(result.out) == FAILS


def test_fingerprint_and_outcome_are_those_of_check(shop: Any, cli: Any) -> None:
    found = cli.run("check", "--policies", "pack", "--select", "shop-days", "--format", "json").findings
    expected = {f["resource"]["address"]: (f["status"], f["fingerprint"]) for f in found}
    resources = json.loads(shop("shop-days", "*", "--format", "json").out)["resources"]
    told = {
        r["address"]: (r["outcome"], finding["fingerprint"]) for r in resources for finding in r["findings"]
    }
    assert told == expected
    assert expected.keys() == {
        *("demo_db.orders", "demo_db.later", 'demo_db.many["a"]', "module.shop.demo_db.this"),
    }


@pytest.mark.parametrize(
    ("files", "address", "args", "lines"),
    [
        (
            {"terraform.tfvars": "days = 5\n"},
            "demo_db.orders",
            [],
            ["object.days = 5 (main.tf:13:3)", "from terraform.tfvars: terraform.tfvars:1:8"],
        ),
        (
            {"own.tfvars": "days = 6\n"},
            "demo_db.orders",
            ["--var-file", "own.tfvars"],
            ["object.days = 6 (main.tf:13:3)", "from own.tfvars: own.tfvars:1:8"],
        ),
        (
            {},
            "module.shop.demo_db.this",
            [],
            ["object.days = 2 (shop/main.tf:5:3)", "from argument of module.shop: main.tf:39:12"],
        ),
        (
            {},
            "demo_db.later",
            [],
            [
                "object.days is unknown: var.later has no default and no value here (main.tf:24:3)",
                "params.days = 7 (default)",
            ],
        ),
    ],
    ids=["tfvars", "var-file", "module-argument", "unknown"],
)
def test_where_values_come_from(
    shop: Any, cli: Any, files: dict[str, str], address: str, args: list[str], lines: list[str]
) -> None:
    cli.write(files)
    asserted = sections(shop("shop-days", address, *args))["Asserts"]
    start = next(i for i, line in enumerate(asserted) if lines[0] in line)
    assert [line.strip() for line in asserted[start : start + len(lines)]] == lines


def test_what_is_unknown(shop: Any) -> None:
    told = sections(shop("shop-days", "demo_db.later"))
    assert told[""][0] == "shop-days cannot be decided for demo_db.later"
    assert told["Asserts"][0].startswith("  unknown  object.days >= params.days")
    assert told["Outcome"][0].startswith("  unknown high: Backups are kept for 7 days: cannot be decided")
    assert told["Outcome"][-1] == "  it does not fail the gate"


def test_values_of_linked_resources(shop: Any) -> None:
    assert sections(shop("shop-plan", "demo_db.orders"))["Asserts"] == [
        '  false    linked("demo_plan").exists(p, p.enabled == true && p.rules.all(r, r.days > 3))',
        '           linked("demo_plan") = ["demo_plan.nightly"]',
        "    false    demo_plan.nightly: p.enabled == true && p.rules.all(r, r.days > 3)",
        "      true     p.enabled == true",
        "               p.enabled = true, of demo_plan.nightly (main.tf:19:3)",
        "      false    p.rules.all(r, r.days > 3)",
        "               p.rules = [{days: 7}, {days: 1}], of demo_plan.nightly (main.tf:20:3)",
        "               r.days = 1, of demo_plan.nightly (main.tf:20:30)",
        "               r.days = 7, of demo_plan.nightly (main.tf:20:16)",
    ]


def test_sensitive_values_are_masked(shop: Any) -> None:
    for args in ((), ("--format", "json")):
        out = shop("shop-password", "demo_db.orders", *args).out
        assert "correct-horse" not in out
        assert "(sensitive)" in out
    told = sections(shop("shop-password", "demo_db.orders"))["Asserts"]
    assert told == [
        "  false    size(object.password) > 20",
        '           object.password = "(sensitive)" (main.tf:14:3)',
        "             from default of variable secret: main.tf:8:15",
    ]


# -- why it does not say anything -------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "files", "selected"),
    [
        (["--ignore", "shop-days"], {}, "no: ignore shop-days (command line)"),
        (["--select", "bck-*,cst-*"], {}, "no: select names other policies (bck-* …) (command line)"),
        (["--select", "shop-any"], {}, "no: select names other policies (shop-any) (command line)"),
        (
            ["--profile", "security"],
            {},
            "no: profile security does not have it; default, readiness, all do (command line)",
        ),
        ([], {"readiness.yaml": "ignore: [bck-01]\n"}, "no: ignore bck-01, readiness.yaml:1:10"),
        (
            [],
            {"readiness.yaml": "policies:\n  shop-days: {ignore: true}\n"},
            "no: policies.shop-days: ignore, readiness.yaml:2:23",
        ),
        (
            [],
            {"readiness.yaml": "profile: security\npolicies:\n  shop-days: {enable: true}\n"},
            "yes: policies.shop-days: enable, readiness.yaml:3:23",
        ),
        ([], {"readiness.yaml": "profile: all\n"}, "yes: profile all, readiness.yaml:1:1"),
    ],
)
def test_selection(shop: Any, cli: Any, args: list[str], files: dict[str, str], selected: str) -> None:
    cli.write(files)
    told = sections(shop("shop-days", "demo_db.orders", *args))
    used = selected.startswith("yes")
    facts = told["Why it runs" if used else "Settings"]
    assert " ".join(" ".join(facts).split()).startswith(f"selected {selected} severity ")
    if not used:
        assert told[""][0] == "shop-days says nothing of demo_db.orders: settings leave it out"
        assert told["Outcome"] == ["  skipped: settings leave it out; otherwise it would be: fail"]


def test_tier(shop: Any, cli: Any) -> None:
    cli.write({"stores.tf": 'resource "demo_db" "a" {\n  copies = 1\n  tags   = { tier = "2" }\n}\n'})
    told = sections(shop("shop-tier", "demo_db.a"))
    assert told[""][:2] == [
        "shop-tier says nothing of demo_db.a: it is checked in tier 0 alone; this is tier 2",
        "  Critical stores have copies",
    ]
    assert told["Settings"] == [
        "  selected  yes: profile default (default)",
        "  severity  none: policy, tier 2",
        "  tier      2: tag `tier`, stores.tf:3:14",
    ]
    assert told["Outcome"] == [
        "  skipped: it is checked in tier 0 alone; this is tier 2; otherwise it would be: fail"
    ]
    told = sections(shop("shop-tier", "demo_db.orders", "--tier", "0"))
    assert told["Why it runs"][1:] == [
        "  severity  critical: policy, tier 0",
        "  tier      0: nothing on the resource says one; --tier (command line)",
    ]


def test_when_is_false(shop: Any) -> None:
    told = sections(shop("shop-days", "demo_db.replica"))
    assert told["When"] == [
        "  false    object.replica != true",
        "           object.replica = true (main.tf:28:3)",
    ]
    assert "Asserts" not in told
    assert told["Outcome"] == ["  skipped: `when` is false: object.replica != true"]


def test_yields(shop: Any) -> None:
    told = sections(shop("shop-any", 'demo_db.many["a"]'))
    assert told["Asserts"][0] == "  false    object.days != 1"
    assert told["Outcome"] == ["  skipped: shop-days fails on the same thing and says it more precisely"]
    told = sections(shop("shop-any", 'demo_db.many["a"]', "--ignore", "shop-days"))
    assert told["Outcome"][0] == '  low: demo_db.many["a"] is not right'


def test_another_type(shop: Any) -> None:
    told = sections(shop("shop-days", "demo_plan.nightly"))
    assert told["Outcome"] == ["  skipped: it looks at demo_db; this is demo_plan"]


# -- who lets it pass, and where settings differ ------------------------------------------


def test_suppressed(shop: Any) -> None:
    told = sections(shop("shop-days", "module.shop.demo_db.this"))
    assert told[""][0] == "shop-days fails and is suppressed for module.shop.demo_db.this"
    assert told["Outcome"][0] == "  suppressed high: module.shop.demo_db.this is not right"
    assert "    because: rebuilt every night" in told["Outcome"]
    assert "    let pass by: ignore at shop/main.tf:3:1, until 2999-12-31" in told["Outcome"]
    told = sections(shop("shop-days", "module.shop.demo_db.this", "--no-exceptions"))
    assert told["Outcome"][0] == "  high: module.shop.demo_db.this is not right"


def test_waived_and_baselined(shop: Any, cli: Any) -> None:
    waiver = (
        "policy: shop-days, resources: demo_db.orders, owner: shop, reason: moved soon, expires: 2999-12-31"
    )
    cli.write({"waivers.yaml": f"waivers:\n  - {{{waiver}}}\n"})
    told = sections(shop("shop-days", "demo_db.orders"))
    assert told[""][0] == "shop-days fails and is waived for demo_db.orders"
    assert "    let pass by: waiver at waivers.yaml:2:5, owner shop, until 2999-12-31" in told["Outcome"]
    (cli.root / "waivers.yaml").unlink()
    made = cli.run("baseline", "create", "--policies", "pack", "--select", "shop-days")
    assert made.status == 0, made.err
    (baseline,) = (path.name for path in cli.root.iterdir() if "baseline" in path.name)
    told = sections(shop("shop-days", "demo_db.orders", "--baseline", baseline))
    assert told[""][0] == "shop-days fails and is in the baseline for demo_db.orders"


def test_settings_of_folders(shop: Any, cli: Any) -> None:
    cli.write(
        {
            "readiness.yaml": "tier: 2\noverrides:\n- paths: [envs/**]\n"
            "  policies: {bck-01: {severity: low}, shop-days: {severity: critical}}\n",
            "envs/eu/readiness.yaml": "policies:\n  shop-days: {params: {days: 30}}\n",
            "envs/eu/main.tf": 'resource "demo_db" "live" {\n  days = 14\n}\n',
        }
    )
    told = sections(shop("shop-days", "demo_db.live"))
    assert told[""][1] == "  Backups are kept for 30 days"
    assert told["Why it runs"] == [
        "  selected     yes: profile default (default)",
        "  severity     critical: settings, readiness.yaml:4:61",
        "  tier         2: nothing on the resource says one; `tier` (settings), readiness.yaml:1:1",
        "  environment  eu: folder envs/eu",
        "  params.days  30: settings, envs/eu/readiness.yaml:2:30",
        "  settings     readiness.yaml",
        "  settings     readiness.yaml: overrides.0, readiness.yaml:3:3",
        "  settings     envs/eu/readiness.yaml",
    ]
    assert "             params.days = 30" in told["Asserts"]
    assert "               from settings: envs/eu/readiness.yaml:2:30" in told["Asserts"]
    assert told["Outcome"][0] == "  critical: demo_db.live is not right"


# -- Kubernetes ---------------------------------------------------------------------------


def test_items(shop: Any, cli: Any) -> None:
    cli.write({"web.yaml": WEB})
    result = shop("shop-image", "Deployment/shop/web")
    assert steady(result.out[result.out.index("For each") :]) == ITEMS


def test_an_overlay_overrides_a_base(shop: Any, cli: Any) -> None:
    patch = WEB.partition("  selector")[0].replace("replicas: 3", "replicas: 1")
    cli.write(
        {
            "base/web.yaml": WEB,
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "overlays/prod/kustomization.yaml": "resources: [../../base]\npatches: [{path: patch.yaml}]\n",
            "overlays/prod/patch.yaml": patch,
        }
    )
    told = sections(shop("shop-replicas", "Deployment/shop/web"))
    assert told["Asserts"] == [
        "  false    object.spec.replicas >= 2",
        "           object.spec.replicas = 1 (overlays/prod/patch.yaml:5:3)",
    ]
    assert "    at: overlays/prod/patch.yaml:5:3" in told["Outcome"]


def test_the_tier_of_a_namespace(shop: Any, cli: Any) -> None:
    space = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {tier: tier-0, env: prod}\n"
    cli.write({"web.yaml": WEB, "space.yaml": space})
    told = sections(shop("shop-replicas", "Deployment/shop/web"))
    assert told["Why it runs"][2:] == [
        "  tier         0: label of Namespace/shop `tier`, space.yaml:5:12",
        "  environment  prod: label of Namespace/shop `env`, space.yaml:5:26",
    ]
    assert told["Outcome"] == ["  pass"]


# -- addresses ----------------------------------------------------------------------------


def test_several_resources(shop: Any) -> None:
    result = shop("shop-days", "demo_db.*")
    assert result.out.startswith(SEVERAL)
    instances = shop("shop-days", "demo_db.many").out.splitlines()
    assert instances[:4] == [
        "2 resources: 1 fail, 1 pass",
        "",
        '  fail     demo_db.many["a"]  main.tf:31:1',
        '  pass     demo_db.many["b"]  main.tf:31:1',
    ]


def test_environments(shop: Any, cli: Any) -> None:
    live = 'variable "days" {}\nresource "demo_db" "live" {\n  days = var.days\n}\n'
    cli.write({"app/main.tf": live, "app/dev.tfvars": "days = 1\n", "app/prod.tfvars": "days = 30\n"})
    lines = shop("shop-days", "demo_db.live").out.splitlines()
    assert lines[:6] == [
        "2 resources: 1 fail, 1 pass",
        "",
        "  fail     demo_db.live  app/main.tf:2:1  dev",
        "  pass     demo_db.live  app/main.tf:2:1  prod",
        "",
        "The first of them follows; --environment NAME or a PATH shows another.",
    ]
    assert "    where: dev only" in lines
    only = shop("shop-days", "demo_db.live", "app", "--environment", "prod").out
    assert only.startswith("shop-days holds for demo_db.live\n")
    assert "  environment  prod: one of the environments of app\n" in only
    assert "from prod.tfvars" in only or "app/prod.tfvars:1:8" in only


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["shop-days", "demo_db.order"],
            "no resource has the address 'demo_db.order'; did you mean demo_db.orders",
        ),
        (
            ["shop-days", "zzz"],
            "no resource has the address 'zzz'; shop-days looks at demo_db.later, demo_db.many",
        ),
        (
            ["shop-dayz", "demo_db.orders"],
            "there is no policy, control or peer's id 'shop-dayz'; did you mean",
        ),
        (["shop-replicas", "demo_db.x"], "nothing here is what shop-replicas looks at (workload)"),
        (["bck-01", "demo_db.orders"], "policies look at 'demo_db.orders': "),
        (
            ["shop-change", "demo_db.orders"],
            "name a Terraform plan among the paths, or a revision by --diff-base",
        ),
        (["gov-waiver-unused", "waiver"], "gov-waiver-unused looks at ignores, waivers and the baseline"),
        (["shop-everything", "demo_db.later"], "is told of demo_db.orders: 'demo_db.later' is not that"),
        (["shop-days", "demo_db.orders", "gone"], "'gone' does not exist"),
        (["shop-days", "--tier", "2"], "--tier needs the address of a resource"),
        (["shop-days", "--no-exceptions"], "--no-exceptions needs the address of a resource"),
    ],
)
def test_what_is_wrong(shop: Any, args: list[str], message: str) -> None:
    result = shop(*args)
    assert (result.status, result.out) == (2, "")
    assert message in result.err


def test_a_policy_on_everything(shop: Any) -> None:
    for args in (["."], ["demo_db.orders"], ["*"]):
        told = sections(shop("shop-everything", *args))
        assert told[""][0] == "shop-everything holds for demo_db.orders"
        assert told["Asserts"] == [
            '  true     size(resources("demo_plan")) > 0',
            '           resources("demo_plan") = ["demo_plan.nightly"]',
        ]


def test_a_policy_on_changes(shop: Any, cli: Any) -> None:
    change = {
        "address": "demo_db.gone",
        "mode": "managed",
        "type": "demo_db",
        "name": "gone",
        "provider_name": "registry.terraform.io/hashicorp/demo",
        "change": {"actions": ["delete"], "before": {"days": 7}, "after": None, "after_unknown": {}},
    }
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {}},
        "resource_changes": [change],
        "configuration": {"root_module": {}},
    }
    cli.write({"plans/plan.json": json.dumps(plan)})
    told = sections(shop("shop-change", "demo_db.gone", "plans/plan.json"))
    assert told[""][0] == "shop-change fails for demo_db.gone"
    assert told["Asserts"] == ['  false    action != "delete"', '           action = "delete"']


def test_a_change_since_a_revision(shop: Any, cli: Any) -> None:
    def git(*args: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *args], cwd=cli.root, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "one")
    cli.write({"main.tf": DATABASES.replace('resource "demo_db" "replica" {\n  replica = true\n}\n', "")})
    told = sections(shop("shop-change", "demo_db.replica", "--diff-base", "main"))
    assert told[""][0] == "shop-change fails for demo_db.replica"
    assert told["Outcome"][0] == "  new high: demo_db.replica is not right"


@pytest.mark.parametrize(
    ("body", "each", "outcome"),
    [
        ("", "object.list: 0 items", "  skipped: `each` has no items"),
        ("list = []", "object.list: 0 items", "  skipped: `each` has no items"),
        ("list = [1, 9]", "object.list: 2 items", "  high: demo_db.each is not right"),
        (
            "list = 4",
            "object.list: 0 items",
            "  high: demo_db.each is not right (neither a list nor a mapping)",
        ),
        (
            "list = var.later",
            "object.list: unknown, because var.later has no default and no value here",
            "  unknown high: Lists are short: cannot be decided for demo_db.each, because var.later has no",
        ),
    ],
)
def test_what_each_gives(shop: Any, cli: Any, body: str, each: str, outcome: str) -> None:
    cli.write(
        {
            "pack/shop-list.yaml": policy(
                "shop-list", "Lists are short", "each: object.list\nassert: item < 5\n"
            ),
            "each.tf": f'resource "demo_db" "each" {{\n  {body}\n}}\n',
        }
    )
    told = sections(shop("shop-list", "demo_db.each"))
    assert told["For each"][0].strip() == each
    assert told["Outcome"][0] == outcome


def test_a_condition_that_has_no_value(shop: Any, cli: Any) -> None:
    conditions = "when: object.days / object.none > 1 || object.kind == 'x'\nassert: object.never\n"
    cli.write(
        {
            "pack/shop-error.yaml": policy("shop-error", "Days are divided", conditions),
            "error.tf": 'resource "demo_db" "error" {\n  days = 3\n  none = 0\n}\n',
        }
    )
    told = sections(shop("shop-error", "demo_db.error"))
    assert told["When"][:2] == [
        "  error    object.days / object.none > 1 || object.kind == 'x'",
        "    error    object.days / object.none > 1",
    ]
    assert told["Outcome"][0] == "  high: demo_db.error is not right (division by zero)"
    cli.write({"error.tf": 'resource "demo_db" "error" {\n  days = 3\n  none = 0\n  kind = "x"\n}\n'})
    told = sections(shop("shop-error", "demo_db.error"))
    assert told["When"][1] == "    unused   object.days / object.none > 1"


def test_an_admission_policy(shop: Any, cli: Any) -> None:
    rules = "[{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]"
    cli.write(
        {
            "web.yaml": WEB,
            "admission/policy.yaml": "apiVersion: admissionregistration.k8s.io/v1\n"
            "kind: ValidatingAdmissionPolicy\nmetadata: {name: small}\nspec:\n"
            f"  matchConstraints: {{resourceRules: {rules}}}\n"
            "  validations:\n  - {expression: object.spec.replicas <= 2, message: too many}\n"
            "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n"
            "metadata: {name: small}\nspec: {policyName: small, validationActions: [Deny]}\n",
        }
    )
    told = sections(cli.run("explain", "vap-small", "Deployment/shop/web", "--policies", "admission"))
    assert told[""][0] == "vap-small fails for Deployment/shop/web"
    assert told["Asserts"][0] == "  false    object.spec.replicas <= 2"
    assert told["Asserts"][-1] == "           replicas = 3 (web.yaml:5:3)"
    assert told["Outcome"][0].startswith("  high: too many (ValidatingAdmissionPolicy small, binding small)")


# -- machines, terminals, and what cannot be read --------------------------------------------


def test_json(shop: Any) -> None:
    document = json.loads(shop("shop-days", "demo_db.orders", "--format", "json").out)
    assert document["schema_version"] == 1
    assert document["policy"] == {
        "id": "shop-days",
        "control": "bck-01",
        "on": "resource",
        "path": "pack/shop-days.yaml",
    }
    (one,) = document["resources"]
    place = {"path": "main.tf", "line": 13, "column": 3, "end_line": 13, "end_column": 22}
    default = {"path": "main.tf", "line": 2, "column": 13, "end_line": 2, "end_column": 14}
    assert (one["address"], one["title"]) == ("demo_db.orders", "Backups are kept for 7 days")
    assert (one["outcome"], one["code"], one["would"], one["gates"]) == ("fail", None, None, True)
    assert one["facts"][3] == {"name": "params.days", "value": 7, "origin": "default", "location": None}
    assert one["when"][0]["result"] == "true"
    (item,) = one["items"]
    assert (item["name"], item["outcome"], item["silenced_by"]) == (None, "fail", None)
    (condition,) = item["conditions"]
    first = condition["parts"][0]
    assert (first["source"], first["result"]) == ("object.days >= params.days", "false")
    assert first["inputs"] == [
        {
            "name": "object.days",
            "value": 3,
            "error": None,
            "address": None,
            "location": place,
            "origins": [{"kind": "default of variable days", "location": default}],
        },
        {
            "name": "params.days",
            "value": 7,
            "error": None,
            "address": None,
            "location": None,
            "origins": [{"kind": "default", "location": None}],
        },
    ]
    assert one["findings"][0]["message"] == "demo_db.orders is not right"
    later = json.loads(shop("shop-days", "demo_db.later", "--format", "json").out)["resources"][0]
    unknown = later["items"][0]["conditions"][0]["parts"][0]
    assert unknown["inputs"][0]["value"] == {"$unknown": "var.later has no default and no value here"}
    assert unknown["reason"] == "var.later has no default and no value here"


def test_colour_is_for_terminals(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = shop("shop-days", "demo_db.orders").out
    assert "\x1b" not in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    colored = shop("shop-days", "demo_db.orders").out
    assert "\x1b[1;31mfalse\x1b[0m    object.days >= params.days" in colored
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert shop("shop-days", "demo_db.orders").out == plain


def test_what_cannot_be_read_is_told(shop: Any, cli: Any) -> None:
    cli.write({"broken.tf": "resource {\n"})
    result = shop("shop-days", "demo_db.orders")
    assert result.status == 3
    assert result.err.startswith("error: broken.tf:")
    assert result.out.startswith("shop-days fails for demo_db.orders\n")
