"""Known ways from the permissions of a policy to more permissions than it names.

Sources: the methods that Rhino Security Labs published with what each needs,
https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation (without those of CodeStar, which
AWS has ended), and, for ECS, CodeBuild, Step Functions and Glue jobs, which run what they are given
with a role that is passed, https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
and the services' pages of the Service Authorization Reference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from readiness.policy.answers import Answer, every
from readiness.policy.iam.catalogue import matches
from readiness.policy.iam.statement import Statement
from readiness.values import List, Map, Unknown


class Method(Struct, frozen=True):
    """One way: what it needs, `broad` for which of it every resource of the kind (or all) must be allowed.

    `kind` is `permissions` (changes who may do what), `pass-role` (starts something with another
    role) or `code` (replaces what runs with another role, or gets into it).  `service` is the
    principal that a role must be passed to.
    """

    name: str
    kind: str
    actions: tuple[str, ...]
    broad: tuple[str, ...] = ()
    service: str = ""


def _permissions(name: str, *more: str) -> Method:
    action = f"iam:{name}"
    return Method(name, "permissions", (action, *more), (action,))


def _passed(name: str, service: str, *actions: str) -> Method:
    pass_role = "iam:PassRole"
    return Method(name, "pass-role", (pass_role, *actions), (pass_role,), f"{service}.amazonaws.com")


def _code(name: str, action: str) -> Method:
    return Method(name, "code", (action,), (action,))


METHODS = (
    _permissions("CreatePolicyVersion"),
    _permissions("SetDefaultPolicyVersion"),
    _permissions("CreateAccessKey"),
    _permissions("CreateLoginProfile"),
    _permissions("UpdateLoginProfile"),
    _permissions("AttachUserPolicy"),
    _permissions("AttachGroupPolicy"),
    _permissions("AttachRolePolicy"),
    _permissions("PutUserPolicy"),
    _permissions("PutGroupPolicy"),
    _permissions("PutRolePolicy"),
    _permissions("AddUserToGroup"),
    _permissions("UpdateAssumeRolePolicy", "sts:AssumeRole"),
    _passed("PassRoleToInstance", "ec2", "ec2:RunInstances"),
    _passed("PassRoleToFunction", "lambda", "lambda:CreateFunction", "lambda:InvokeFunction"),
    _passed("PassRoleToSharedFunction", "lambda", "lambda:CreateFunction", "lambda:AddPermission"),
    _passed(
        "PassRoleToTriggeredFunction", "lambda", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"
    ),
    _passed("PassRoleToGlueEndpoint", "glue", "glue:CreateDevEndpoint"),
    _passed("PassRoleToGlueJob", "glue", "glue:CreateJob", "glue:StartJobRun"),
    _passed("PassRoleToStack", "cloudformation", "cloudformation:CreateStack"),
    _passed(
        "PassRoleToPipeline",
        "datapipeline",
        "datapipeline:CreatePipeline",
        "datapipeline:PutPipelineDefinition",
    ),
    _passed(
        "PassRoleToNotebook",
        "sagemaker",
        "sagemaker:CreateNotebookInstance",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
    ),
    _passed("PassRoleToTask", "ecs-tasks", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    _passed("PassRoleToBuild", "codebuild", "codebuild:CreateProject", "codebuild:StartBuild"),
    _passed("PassRoleToStateMachine", "states", "states:CreateStateMachine", "states:StartExecution"),
    _code("UpdateFunctionCode", "lambda:UpdateFunctionCode"),
    _code("UpdateFunctionConfiguration", "lambda:UpdateFunctionConfiguration"),
    _code("UpdateGlueEndpoint", "glue:UpdateDevEndpoint"),
    _code("OpenNotebook", "sagemaker:CreatePresignedNotebookInstanceUrl"),
    _code("RunCommand", "ssm:SendCommand"),
    _code("StartSession", "ssm:StartSession"),
)
"""What is looked for."""

_SELF = "${aws:username}"
_PASSED_TO = "iam:passedtoservice"


class Grant(Struct, frozen=True):
    """Whether an action is allowed, by which statement, through which pattern as it is written."""

    answer: Any
    statement: Statement | None = None
    pattern: str = ""


def escalations(statements: Sequence[Any], told: Callable[[list[Statement]], bool] | None = None) -> List:
    """The methods that statements open together, each a mapping with `name`, `kind`, `actions`,
    `patterns` (what grants them, as written), `granted` (true, or unknown) and `sid`.

    Statements with principals are left out: they are no permissions of a holder.  One with a
    condition counts only where the condition is no more than the service that a role is passed
    to.  A `Deny` counts where it has no condition and names every resource.  A statement of which
    nothing is known is an unknown in the list.  With `told`, a method counts only where it
    says so of the statements that grant it.
    """
    allowed = [item for item in statements if isinstance(item, Statement)]
    granted: dict[tuple[str, bool, str], Grant] = {}
    result = List()
    for method in METHODS:
        found = []
        for action in method.actions:
            service = method.service if action == "iam:PassRole" else ""
            asked = (action, action in method.broad, service)
            if asked not in granted:
                granted[asked] = _granted(allowed, *asked)
            found.append(granted[asked])
        answer = every(grant.answer for grant in found)
        if answer is False:
            continue
        if told is None or told([grant.statement for grant in found if grant.statement is not None]):
            result.append(_told(method, found, answer))
    result.extend(item for item in statements if isinstance(item, Unknown))
    return result


def _told(method: Method, grants: list[Grant], answer: Answer) -> Map:
    statement = grants[0].statement
    patterns = List(dict.fromkeys(grant.pattern for grant in grants if grant.pattern))
    told = Map({"name": method.name, "kind": method.kind, "actions": List(method.actions)})
    told["patterns"], told["granted"] = patterns, answer
    told["sid"] = None if statement is None else statement["sid"]
    if statement is not None:
        told.span = statement.span
        span = statement.span_of("actions")
        if span is not None:
            told.value_spans = dict.fromkeys(told, span)
    return told


def _granted(statements: list[Statement], action: str, broad: bool, service: str) -> Grant:
    """Whether some `Allow` grants an action and no `Deny` takes it back."""
    best = Grant(False)
    for statement in statements:
        effect = statement["effect"]
        if isinstance(effect, str) and effect != "Allow":
            continue
        covered, pattern = _covers(statement, action)
        parts: list[Answer] = [covered]
        if covered is not False:
            parts += [_of_holder(statement), _unconditional(statement, service)]
            parts += [effect] if isinstance(effect, Unknown) else []
            parts += [_reaches(statement, action)] if broad else []
        answer = every(parts)
        if answer is True:
            best = Grant(True, statement, pattern)
            break
        if isinstance(answer, Unknown) and best.answer is False:
            best = Grant(answer, statement, pattern)
    if best.answer is False:
        return best
    denied = _denied(statements, action)
    if denied is True:
        return Grant(False)
    return best if denied is False or best.answer is not True else Grant(denied, best.statement, best.pattern)


def _covers(statement: Statement, action: str) -> tuple[Answer, str]:
    """Whether a statement is about an action, and the pattern that says so."""
    actions, others = statement["actions"], statement["not_actions"]
    if isinstance(actions, Unknown):
        return actions, ""
    if not actions and (isinstance(others, Unknown) or others):
        if isinstance(others, Unknown):
            return others, ""
        unknown = next((item for item in others if isinstance(item, Unknown)), None)
        if any(isinstance(item, str) and matches(item, action) for item in others):
            return False, ""
        return (True if unknown is None else unknown), "NotAction"
    for item in actions:
        if isinstance(item, str) and matches(item, action):
            return True, item
    return next((item for item in actions if isinstance(item, Unknown) and _may_be(item, action)), False), ""


def _may_be(pattern: Unknown, action: str) -> bool:
    """Whether an action pattern of which the beginning is known may cover an action."""
    beginning = pattern.prefix.split("*")[0].lower()
    return action.lower().startswith(beginning) or beginning.startswith(action.lower())


def _of_holder(statement: Statement) -> Answer:
    principal = statement.principal
    if isinstance(principal, Unknown):
        return principal
    return principal is None and not statement["not_principals"]


def _unconditional(statement: Statement, service: str) -> Answer:
    """No condition, or none but the service that a role may be passed to."""
    conditions = statement["conditions"]
    if isinstance(conditions, Unknown):
        return conditions
    if not conditions:
        return True
    keys = statement["condition_keys"]
    unknown = next((key for key in keys if isinstance(key, Unknown)), None)
    if not service or any(key != _PASSED_TO for key in keys if key is not unknown):
        return False
    if unknown is not None:
        return unknown
    return every(
        _names(operator, values, service)
        for operator, tested in conditions.items()
        for values in tested.values()
    )


def _names(operator: str, values: Any, service: str) -> Answer:
    """Whether a test of the service that a role is passed to lets this service through."""
    if not operator.lower().startswith(("stringequals", "stringlike")):
        return False
    listed = values if isinstance(values, list) else [values]
    if any(isinstance(value, str) and matches(value, service) for value in listed):
        return True
    return next((value for value in listed if isinstance(value, Unknown)), False)


def _reaches(statement: Statement, action: str) -> Answer:
    """Whether every resource of the kind is meant, or, for permissions, the holder itself."""
    scope = statement["resource_scope"]
    if isinstance(scope, str) and scope in ("all", "service"):
        return True
    resources = statement["resources"]
    if action.startswith("iam:") and isinstance(resources, list):
        itself = action in ("iam:AttachUserPolicy", "iam:PutUserPolicy")
        if itself and any(isinstance(item, str) and item.endswith(_SELF) for item in resources):
            return True
    return scope if isinstance(scope, Unknown) else False


def _denied(statements: list[Statement], action: str) -> Answer:
    """Whether a `Deny` without a condition on every resource takes an action away."""
    maybe: Unknown | None = None
    for statement in statements:
        effect = statement["effect"]
        if isinstance(effect, str) and effect != "Deny":
            continue
        conditions = statement["conditions"]
        parts: list[Answer] = [_covers(statement, action)[0], _of_holder(statement)]
        parts.append(conditions if isinstance(conditions, Unknown) else not conditions)
        scope = statement["resource_scope"]
        parts.append(scope if isinstance(scope, Unknown) else scope == "all")
        answer = every([*parts, *([effect] if isinstance(effect, Unknown) else [])])
        if answer is True:
            return True
        if isinstance(answer, Unknown):
            maybe = answer if maybe is None else maybe
    return False if maybe is None else maybe
