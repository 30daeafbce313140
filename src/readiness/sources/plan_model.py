"""The shape of Terraform's JSON output: a plan, or a state; only what is read of it.

Source: https://developer.hashicorp.com/terraform/internals/json-format, which OpenTofu shares.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field


class Versioned(Struct):
    """The one field that is read first: it says whether the others mean what they mean here."""

    format_version: str


class Expression(Struct):
    """An expression of the configuration: what it mentions, or its value where that is constant."""

    references: list[str] = field(default_factory=list)
    constant_value: Any = None


class PlannedResource(Struct):
    """A resource instance of `planned_values`, `prior_state` or a state."""

    address: str
    type: str
    name: str
    mode: str = "managed"
    values: dict[str, Any] | None = None
    sensitive_values: Any = None
    deposed_key: str | None = None


class PlannedModule(Struct):
    """A module instance with its resources; `address` is "" for the root."""

    address: str = ""
    resources: list[PlannedResource] = field(default_factory=list)
    child_modules: list[PlannedModule] = field(default_factory=list)


class Values(Struct):
    """The resources of a plan or state."""

    root_module: PlannedModule = field(default_factory=PlannedModule)


class ChangeParts(Struct):
    """What a plan does to one resource instance."""

    actions: list[str]
    before: Any = None
    after: Any = None
    after_unknown: Any = None
    before_sensitive: Any = None
    after_sensitive: Any = None
    replace_paths: list[list[str | int]] = field(default_factory=list)


class ResourceChange(Struct):
    """One entry of `resource_changes`; `deposed` is the key of an object that was left over."""

    address: str
    type: str
    name: str
    change: ChangeParts
    mode: str = "managed"
    deposed: str | None = None
    action_reason: str | None = None
    previous_address: str | None = None


class Provisioner(Struct):
    """A provisioner of a resource block."""

    type: str


class ConfiguredResource(Struct):
    """A resource block; `expressions` holds attributes, and nested blocks as lists or objects."""

    type: str
    name: str
    mode: str = "managed"
    provider_config_key: str = ""
    expressions: dict[str, Any] = field(default_factory=dict)
    for_each_expression: Expression | None = None
    count_expression: Expression | None = None
    depends_on: list[str] = field(default_factory=list)
    provisioners: list[Provisioner] = field(default_factory=list)


class ConfiguredOutput(Struct):
    """An output of a module."""

    expression: Expression = field(default_factory=Expression)


class ConfiguredVariable(Struct):
    """A variable of a module."""

    sensitive: bool = False


class GivenValue(Struct):
    """The value that a variable of the root has in a plan."""

    value: Any = None


class ConfiguredModule(Struct):
    """The blocks of a module."""

    variables: dict[str, ConfiguredVariable] = field(default_factory=dict)
    resources: list[ConfiguredResource] = field(default_factory=list)
    outputs: dict[str, ConfiguredOutput] = field(default_factory=dict)
    module_calls: dict[str, ModuleCall] = field(default_factory=dict)


class ModuleCall(Struct):
    """A module call, with the module that it brings in."""

    module: ConfiguredModule = field(default_factory=ConfiguredModule)
    expressions: dict[str, Any] = field(default_factory=dict)
    for_each_expression: Expression | None = None
    count_expression: Expression | None = None


class ProviderConfig(Struct):
    """A provider configuration."""

    expressions: dict[str, Any] = field(default_factory=dict)


class Configuration(Struct):
    """What the configuration of a plan declares."""

    root_module: ConfiguredModule = field(default_factory=ConfiguredModule)
    provider_config: dict[str, ProviderConfig] = field(default_factory=dict)


class PriorState(Struct):
    """The state that a plan starts from, with the data sources that it has read."""

    values: Values | None = None


class RelevantAttribute(Struct):
    """An attribute that something in the plan depends on."""

    resource: str
    attribute: list[Any] = field(default_factory=list)


class Document(Struct):
    """A whole plan, or a state, which has `values` and nothing else of this."""

    format_version: str
    terraform_version: str = ""
    variables: dict[str, GivenValue] = field(default_factory=dict)
    planned_values: Values | None = None
    values: Values | None = None
    resource_changes: list[ResourceChange] = field(default_factory=list)
    configuration: Configuration | None = None
    prior_state: PriorState | None = None
    relevant_attributes: list[RelevantAttribute] = field(default_factory=list)
    errored: bool = False
    complete: bool = True


class PlanFile(Struct):
    """A decoded plan or state, and where in its text each address stands first (line, column, end)."""

    path: str
    document: Document
    places: dict[str, tuple[int, int, int]]

    @property
    def is_state(self) -> bool:
        """True for a state, which plans no change."""
        return self.document.values is not None and self.document.planned_values is None
