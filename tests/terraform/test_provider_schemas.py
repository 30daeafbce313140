"""The schemas of providers: every file can be read, what they say, and how they are made."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from readiness.terraform.provider_schemas import store
from readiness.terraform.provider_schemas.store import Shape, shape_of, types_like

ROOT = Path(__file__).parents[2]
FOLDER = Path(store.__file__).parent


def at(type_: str, path: str) -> Shape:
    """The shape of a path in a type."""
    shape = shape_of(type_)
    assert shape is not None
    for name in path.split("."):
        shape = shape.fields[name]
    return shape


@pytest.mark.parametrize(
    ("provider", "least"),
    [
        ("aws", 1_000),
        ("azurerm", 1_100),
        ("google", 1_400),
        ("datadog", 150),
        ("github", 80),
        ("grafana", 110),
        ("helm", 1),
        ("kubernetes", 80),
        ("newrelic", 60),
        ("opsgenie", 15),
        ("pagerduty", 50),
    ],
)
def test_every_type_can_be_read(provider: str, least: int) -> None:
    types = types_like(f"{provider}_*")
    assert len(types) >= least
    for type_ in types:
        shape = shape_of(type_)
        assert shape is not None
        assert "lifecycle" in shape.fields


def test_the_files_say_where_they_come_from_and_stay_small() -> None:
    files = sorted(FOLDER.glob("*.txt"))
    assert sum(path.stat().st_size for path in files) < 2_500_000
    for path in files:
        head = path.read_text(encoding="utf-8")[:1_500]
        assert head.startswith("# What ")
        assert "scripts/refresh_provider_schemas.py" in head or path.stem == "retired"


@pytest.mark.parametrize(
    ("type_", "path", "kind"),
    [
        ("aws_s3_bucket", "acl", "scalar"),
        ("aws_s3_bucket", "tags", "any"),
        ("aws_s3_bucket", "cors_rule", "blocks"),
        ("aws_s3_bucket", "cors_rule.allowed_methods", "list"),
        ("aws_s3_bucket", "versioning", "either"),
        ("aws_s3_bucket", "bucket", "any"),  # what names it, which the source leaves out
        ("aws_db_instance", "password", "scalar"),  # a secret
        ("aws_security_group", "ingress.cidr_blocks", "list"),
        ("aws_alb", "internal", "scalar"),
        ("azurerm_storage_account", "blob_properties.delete_retention_policy.days", "scalar"),
        ("azurerm_storage_account", "https_traffic_only_enabled", "scalar"),
        ("azurerm_storage_account", "enable_https_traffic_only", "any"),  # until 4.0
        ("google_container_cluster", "workload_identity_config.identity_namespace", "any"),  # until 4.0
        ("google_container_node_pool", "node_config.workload_metadata_config.node_metadata", "any"),
        ("google_project_iam_binding", "members", "names"),
        ("kubernetes_deployment_v1", "spec.template.spec.container.image", "scalar"),
        ("helm_release", "values", "list"),
        ("datadog_monitor", "monitor_thresholds.critical", "scalar"),
        ("newrelic_nrql_alert_condition", "nrql.query", "names"),
        ("grafana_rule_group", "rule.annotations", "any"),
    ],
)
def test_what_a_type_has(type_: str, path: str, kind: str) -> None:
    assert at(type_, path).kind == kind


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("aws_s3_bucket", "encryption"),
        ("azurerm_storage_account", "enable_https"),
        ("google_sql_user", "pasword"),
    ],
)
def test_what_a_type_has_not(type_: str, name: str) -> None:
    shape = shape_of(type_)
    assert shape is not None
    assert name not in shape.fields


@pytest.mark.parametrize(
    "type_", ["aws_no_such_type", "demo_bucket", "data.aws_ami", "retired_x", "../x_y", ""]
)
def test_types_of_which_nothing_is_known(type_: str) -> None:
    assert shape_of(type_) is None


def test_globs() -> None:
    assert types_like("aws_s3_bucket_ver*") == ["aws_s3_bucket_versioning"]
    assert types_like("demo_*") == []
    assert "github_repository" in types_like("*_repository")


# -- how they are made ------------------------------------------------------------------


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script, which writes into a folder of the test's own."""
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "scripts" / "refresh_provider_schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "TARGET", tmp_path / "out")
    (tmp_path / "out").mkdir()
    return module


def made(script: Any, *arguments: str) -> list[str]:
    """The lines that the script writes of one provider, without its header."""
    script.main(list(arguments))
    text = (script.TARGET / f"{arguments[0]}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]


GO_TYPES = """\
type BucketSpec struct {
	v1.ResourceSpec `json:",inline"`
	ForProvider     BucketParameters_2 `json:"forProvider"`
}
type BucketParameters_2 struct {
	// Optional
	ACL *string `json:"acl,omitempty" tf:"acl,omitempty"`
	Methods []*string `json:"methods,omitempty" tf:"methods,omitempty"`
	Tags map[string]*string `json:"tags,omitempty" tf:"tags,omitempty"`
	RoleRef *v1.Reference `json:"roleRef,omitempty" tf:"-"`
	Rule []RuleParameters `json:"rule,omitempty" tf:"rule,omitempty"`
	Logging *RuleParameters `json:"logging,omitempty" tf:"logging,omitempty"`
}
type BucketObservation_2 struct {
	Arn *string `json:"arn,omitempty" tf:"arn,omitempty"`
}
type RuleParameters struct {
	Days *float64 `json:"days,omitempty" tf:"days,omitempty"`
	Prefix *string `json:"prefix,omitempty" tf:"prefix,omitempty"`
}
type BucketParameters struct {
	Wrong *string `json:"wrong,omitempty" tf:"wrong,omitempty"`
}
"""
GO_RESOURCE = """\
func (mg *Bucket) GetTerraformResourceType() string {
	return "demo_bucket"
}
func (tr *Bucket) GetConnectionDetailsMapping() map[string]string {
	return map[string]string{"password": "passwordSecretRef", "rule[*].token": "rule[*].tokenSecretRef"}
}
"""
GO_NAMES = """\
	"demo_bucket": config.ParameterAsIdentifier("bucket"),
"""
GO_CONFIG = """\
	p.AddResourceConfigurator("demo_bucket", func(r *config.Resource) {
		delete(r.TerraformResource.Schema, "filename")
	})
"""


def test_types_of_go(script: Any, tmp_path: Path) -> None:
    package = tmp_path / "apis" / "namespaced" / "s3" / "v1beta1"
    package.mkdir(parents=True)
    (package / "zz_bucket_types.go").write_text(GO_TYPES)
    (package / "zz_bucket_terraformed.go").write_text(GO_RESOURCE)
    (tmp_path / "config" / "namespaced" / "s3").mkdir(parents=True)
    (tmp_path / "config" / "externalname.go").write_text(GO_NAMES)
    (tmp_path / "config" / "namespaced" / "s3" / "config.go").write_text(GO_CONFIG)
    assert made(script, "demo", "upjet", str(tmp_path), "a label") == [
        "demo_bucket\tacl,arn,bucket*,bucket_prefix*,filename*,logging?{days,prefix},methods[],password,"
        "rule{days,prefix,token},tags*"
    ]
    text = (script.TARGET / "demo.txt").read_text(encoding="utf-8")
    assert "# * a label: 1 types\n" in text


def test_a_schema_as_terraform_prints_it(script: Any, tmp_path: Path) -> None:
    inner = {"attributes": {"minimum_days": {"type": "number"}, "maximum": {"type": ["list", "string"]}}}
    block = {
        "attributes": {
            "name": {"type": "string"},
            "tags": {"type": ["map", "string"]},
            "ports": {"type": ["set", "number"]},
            "pairs": {"type": ["list", ["object", {"key": "string"}]]},
            "one": {"nested_type": {"nesting_mode": "single", "attributes": {"a": {"type": "bool"}}}},
            "free": {"type": "dynamic"},
        },
        "block_types": {
            "keep": {"nesting_mode": "list", "block": inner},
            "hold": {"nesting_mode": "set", "block": inner},
            "timeouts": {"nesting_mode": "single", "block": {"attributes": {"create": {"type": "string"}}}},
            "other": {"nesting_mode": "map", "block": inner},
        },
    }
    document = {"provider_schemas": {"x/demo": {"resource_schemas": {"demo_bucket": {"block": block}}}}}
    (tmp_path / "schema.json").write_text(json.dumps(document))
    assert made(script, "demo", "schema", str(tmp_path / "schema.json"), "a label") == [
        "@0\tmaximum[],minimum_days",
        "demo_bucket\tfree*,hold@0,keep@0,name,one={a},other*,pairs{key},ports[],tags*,timeouts?{create}",
    ]


GENERATED = """\
<!-- schema generated by tfplugindocs -->
## Schema

### Required

- `name` (String) Its name.
- `tags` (Map of String) Tags.

### Optional

- `rule` (Block List) Rules. (see [below for nested schema](#nestedblock--rule))
- `single` (Block, Optional) (see [below for nested schema](#nestedblock--single))
- `deep` (Block List) (see [below for nested schema](#nestedblock--deep))

<a id="nestedblock--rule"></a>
### Nested Schema for `rule`

- `hosts` (List of String) Hosts.

<a id="nestedblock--single"></a>
### Nested Schema for `single`

- `on` (Boolean)

## Import
- `nothing` (String) This is no argument.
"""
WRITTEN = """\
# Resource: demo\\_team

```hcl
resource "demo_team" "x" {
  title = "x"
  member {
    id = "y"
  }
}
resource "demo_other" "x" {
  other = 1
}
```

* `name` - (Required) Its name; `text` is none.
* `kind`, `level` - (Optional) Two.
The optional `window` block supports:
"""


def test_documentation(script: Any, tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "resources"
    folder.mkdir(parents=True)
    (folder / "bucket.md").write_text(GENERATED)
    (folder / "team.md").write_text(WRITTEN)
    assert made(script, "demo", "docs", str(tmp_path), "a label") == [
        "demo_bucket\tdeep*,name,rule{hosts[]},single?{on},tags*",
        "demo_team\t~id,kind,level,member,name,title,window",
    ]


def test_what_upgrade_guides_retire(script: Any, tmp_path: Path) -> None:
    folder = tmp_path / "website" / "docs"
    (folder / "r").mkdir(parents=True)
    (folder / "guides").mkdir()
    (folder / "r" / "bucket.md").write_text(GENERATED)
    (folder / "guides" / "4.0-upgrade-guide.md").write_text(
        "### `demo_bucket`\n\n* The deprecated `rule.old` property has been removed in favour of `rule.new`.\n"
        "* The `gone` block has been removed.\n* The `kept` property has a default now.\n"
        "## Other\n* The `elsewhere` property has been removed.\n"
    )
    arguments = [("demo", form, str(tmp_path), "a label") for form in ("docs", "guides")]
    assert made(script, *arguments[0], *arguments[1]) == [
        "demo_bucket\tdeep*,gone*,name,rule{hosts[],new*,old*},single?{on},tags*",
    ]
