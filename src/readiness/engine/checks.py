"""Policies → checks: compiled conditions, indexed by the types they look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct, field

from readiness.errors import UsageError
from readiness.policy import cel
from readiness.policy.host import FUNCTIONS, VARIABLES
from readiness.policy.model import Policy


class Check(Struct, eq=False):
    """A policy ready to run.

    Its conditions are compiled when a resource first needs them, `assert` when there is something to hold
    against it, what it says (`message`, `at`) when a finding does.
    """

    policy: Policy
    params: dict[str, Any]
    when: Any = None
    each: Any = None
    title: str = ""
    ready: bool = False
    admission: Any = None  # the compiled policy where it is one of Kubernetes
    # The closures of `when`, and of each conjunct beside its program: what a run calls by the million.
    applies: Any = None
    # Those of `assert` are empty until `asserted` is called.
    codes: list[tuple[Any, Any]] = field(default_factory=list)
    _conjuncts: list[Any] = field(default_factory=list)
    _said: tuple[Any, Any] | None = None

    def prepare(self) -> None:
        """Compile the conditions but `assert`, which many resources never come to.

        Raises:
            UsageError: a condition is wrong; with its place in the policy file.
        """
        policy = self.policy
        if policy.admission is not None:
            from readiness.policy.admission.program import compile_admission

            self.admission = compile_admission(policy.admission, policy.path)
            self.title = policy.title
            self.ready = True
            return
        self.when = self._program("when", policy.when)
        self.each = self._program("each", policy.each)
        self.applies = None if self.when is None else self.when.code
        self.title = policy.title
        if "{" in policy.title or "}" in policy.title:
            self.title = self._template("title", policy.title).render({"params": self.params})
        self.ready = True

    @property
    def conjuncts(self) -> list[Any]:
        """The programs of the operands of `assert`; of a policy of Kubernetes there are none.

        Raises:
            UsageError: it is wrong; with its place in the policy file.
        """
        if not self._conjuncts and self.policy.admission is None:
            self._conjuncts = list(self._program("assert", self.policy.assert_).conjuncts)
        return self._conjuncts

    def asserted(self) -> list[tuple[Any, Any]]:
        """The closures of `assert` with their programs, compiled now: `codes` has them from here on.

        Raises:
            UsageError: it is wrong; with its place in the policy file.
        """
        self.codes = [(conjunct.code, conjunct) for conjunct in self.conjuncts]
        return self.codes

    def prepare_all(self) -> None:
        """Compile the conditions and what a finding says.

        Raises:
            UsageError: one of them is wrong; with its place in the policy file.
        """
        self.prepare()
        if self.admission is None:
            self.asserted()
            self._say()
            self._check_kinds()

    def _check_kinds(self) -> None:
        from readiness.policy.kinds import check_condition, check_template

        policy, (at, message) = self.policy, self._say()
        wanted = {"when": ("bool",), "each": ("list", "map"), "at": ()}
        programs = {"when": self.when, "each": self.each, "at": at}
        for name, program in programs.items():
            if program is not None:
                self._placed(name, check_condition, program, policy.params, wanted[name])
        for program in self.conjuncts:
            self._placed("assert", check_condition, program, policy.params, ("bool",))
        title = self._template("title", policy.title) if "{" in policy.title else None
        for name, template in (("message", message), ("title", title)):
            if template is not None:
                self._placed(name, check_template, template, policy.params)

    def _placed(self, name: str, check: Callable[..., None], *given: Any) -> None:
        try:
            check(*given)
        except cel.CelError as error:
            raise self._error(name, error) from None

    @property
    def at(self) -> Any:
        """The program of `at`, or None.

        Raises:
            UsageError: it is wrong; with its place in the policy file.
        """
        return self._say()[0]

    @property
    def message(self) -> Any:
        """The template of the message.

        Raises:
            UsageError: it is wrong; with its place in the policy file.
        """
        return self._say()[1]

    def _say(self) -> tuple[Any, Any]:
        if self._said is None:
            policy = self.policy
            self._said = (self._program("at", policy.at), self._template("message", policy.message))
        return self._said

    def _program(self, name: str, source: str | None) -> Any:
        if source is None:
            return None
        try:
            return cel.compile(source, functions=FUNCTIONS, variables=VARIABLES)
        except cel.CelError as error:
            raise self._error(name, error) from None

    def _template(self, name: str, text: str) -> Any:
        try:
            return cel.compile_template(text, variables=VARIABLES, functions=FUNCTIONS)
        except cel.CelError as error:
            raise self._error(name, error) from None

    def _error(self, name: str, error: Any) -> UsageError:
        """A CEL error with its place: exact for conditions on one line, else the field's."""
        line, column = self.policy.lines.get(name, (1, 1))
        text = {"assert": self.policy.assert_, "when": self.policy.when, "each": self.policy.each}.get(name)
        if text is not None and "\n" not in text.strip() and error.line == 1 and error.column:
            column += error.column - 1
        return UsageError(f"{name}: {error.message}", self.policy.path, line, column)


def checks_of(policies: Iterable[Policy], made: dict[str, list[Check]]) -> list[Check]:
    """Checks of policies; those that are in `made` by id come from there, compiled, and new ones go there."""
    return [_check_of(policy, made.setdefault(policy.id, [])) for policy in policies]


def _check_of(policy: Policy, made: list[Check]) -> Check:
    for check in made:
        if check.policy is policy or check.policy == policy:
            return check
    made += make_checks([policy])
    return made[-1]


def make_checks(policies: Iterable[Policy], params: dict[str, dict[str, Any]] | None = None) -> list[Check]:
    """Checks of policies, with an organisation's parameters in place of the defaults."""
    given = params or {}
    return [Check(policy, {**policy.parameter_values(), **given.get(policy.id, {})}) for policy in policies]
