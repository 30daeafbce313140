"""Why a policy runs on a resource, or does not: its selection, severity, parameters, tier, environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from readiness.config.model import Cascade, Layer, Override, Place
from readiness.engine.effective import COMMAND_LINE, DEFAULT
from readiness.engine.explained import Fact
from readiness.engine.settings import Settings, steps
from readiness.estate.environments import of_folder
from readiness.estate.metadata import who_says
from readiness.estate.model import Estate, Resource
from readiness.policy.model import Policy
from readiness.policy.overrides import named_by
from readiness.policy.select import has, is_named
from readiness.values import Span

OF_THE_POLICY = "policy"
SETTINGS = "settings"


class Basis(Struct):
    """What holds for a resource: settings, the layers that they are made of, and the policy as they want it.

    `overrides` are those that name the policy, the weakest first; `written` is the policy as it is in its
    file, and it is `selected` where it runs.
    """

    settings: Settings
    layers: Sequence[Layer]
    policy: Policy
    written: Policy
    overrides: Sequence[Override]
    selected: bool


def basis_of(
    settings: Settings,
    layers: Sequence[Layer],
    selected: Sequence[Policy],
    every: Sequence[Policy],
    written: Sequence[Policy],
    id_: str,
) -> Basis:
    """The basis of a policy; `every` are policies as settings want them, `written` as they are in files."""
    cascade = settings.cascade or Cascade()
    by_id = {policy.id: policy for policy in written}
    ranked = []
    for one in settings.overrides:
        rank, ids = named_by(one, by_id)
        if id_ in ids:
            ranked.append((rank, one))
    ranked.sort(key=lambda pair: pair[0])
    runs = next((policy for policy in selected if policy.id == id_), None)
    wanted = next(policy for policy in every if policy.id == id_)
    return Basis(
        settings,
        layers or [step.layer for step in steps(cascade.groups)],
        runs or wanted,
        by_id[id_],
        [one for _, one in ranked],
        runs is not None,
    )


def facts_of(
    basis: Basis, resource: Resource, estate: Estate, given: Cascade, default_tier: int
) -> list[Fact]:
    """Everything that decides whether and how the policy of a basis runs on a resource.

    `given` has what the command line said.
    """
    tier = tier_of(basis, resource, estate, given, default_tier)
    facts = [selection(basis, given), _severity(basis, tier.value), tier]
    if resource.environment is not None:
        facts.append(_environment(resource, estate))
    facts += [_param(basis, name) for name in basis.policy.params]
    if basis.policy.warn_until is not None:
        said = _last(basis, "warn_until")
        origin = OF_THE_POLICY if said is None else SETTINGS
        facts.append(Fact("warn_until", basis.policy.warn_until, origin, said))
    facts += [_layer(layer) for layer in basis.layers]
    return facts


def selection(basis: Basis, given: Cascade) -> Fact:
    """Whether the policy is in use (the value), and who says so."""
    policy, settings = basis.policy, basis.settings
    ignored = next((name for name in settings.ignore if is_named(policy, name)), None)
    if ignored is not None:
        return _by_entry("ignore", ignored, False, settings, given)
    left = next(
        (one for one in reversed(basis.overrides) if one.ignore is not None or one.enable is not None), None
    )
    if left is not None and left.ignore:
        return Fact("selected", False, f"{left.where}: ignore", left.place_of("ignore"))
    if settings.select:
        hit = next((name for name in settings.select if is_named(policy, name)), None)
        return _by_entry("select", hit or settings.select[0], hit is not None, settings, given)
    if not has(settings.profile, policy) and left is not None and left.enable:
        return Fact("selected", True, f"{left.where}: enable", left.place_of("enable"))
    origin, place = origin_of("profile", settings, given)
    included = has(settings.profile, policy)
    what = f"profile {settings.profile}"
    if not included:
        what += f" does not have it; {', '.join(policy.profiles)} do"
    return Fact("selected", included, f"{what} ({origin})" if place is None else what, place)


def _by_entry(option: str, name: str, chosen: bool, settings: Settings, given: Cascade) -> Fact:
    """Chosen or left out by an entry of `select` or `ignore`, or by one of `select` with another name."""
    place = settings.places.get(f"{option}:{name}")
    what = f"{option} {name}"
    if option == "select" and not chosen:
        what = f"select names other policies ({name}{' …' if len(settings.select) > 1 else ''})"
    on_command_line = name in given.given.get(option, ())
    if on_command_line:
        return Fact("selected", chosen, f"{what} ({COMMAND_LINE})")
    return Fact("selected", chosen, what if place is not None else f"{what} ({DEFAULT})", place)


def origin_of(name: str, settings: Settings, given: Cascade) -> tuple[str, Place | None]:
    """Who says a scalar setting: `command line`, `settings` with the place, or `default`."""
    if name in given.given:
        return COMMAND_LINE, None
    place = settings.places.get(name)
    return (DEFAULT, None) if place is None else (SETTINGS, place)


def tier_of(basis: Basis, resource: Resource, estate: Estate, given: Cascade, default_tier: int) -> Fact:
    """The tier of a resource."""
    if resource.tier is not None:
        told = who_says("tier", resource, estate)
        if told is not None:
            return Fact("tier", resource.tier, f"{told.what} `{told.key}`", _place(told.span))
    origin, place = origin_of("tier", basis.settings, given)
    return Fact("tier", default_tier, "nothing on the resource says one; " + _of_tier(origin), place)


def _of_tier(origin: str) -> str:
    return "--tier (command line)" if origin == COMMAND_LINE else f"`tier` ({origin})"


def _environment(resource: Resource, estate: Estate) -> Fact:
    told = who_says("environment", resource, estate)
    name, value = "environment", resource.environment
    if told is not None and told.value == value:
        return Fact(name, value, f"{told.what} `{told.key}`", _place(told.span))
    if resource.variant:
        return Fact(name, value, f"one of the environments of {_folder(resource.root)}")
    found = of_folder(resource.root)
    return Fact(name, value, f"folder {resource.root}" if found else "its root")


def _folder(root: str) -> str:
    return "this root" if root == "." else root


def _severity(basis: Basis, tier: Any) -> Fact:
    policy = basis.policy
    value = policy.severity if policy.tiers is None else policy.tiers.get(tier)
    for one in reversed(basis.overrides):
        if one.tiers is not None:
            return Fact("severity", value, f"{SETTINGS}, tier {tier}", one.place_of("tiers"))
        if one.severity is not None:
            return Fact("severity", value, SETTINGS, one.place_of("severity"))
    return Fact("severity", value, OF_THE_POLICY if policy.tiers is None else f"{OF_THE_POLICY}, tier {tier}")


def _param(basis: Basis, name: str) -> Fact:
    said = _last(basis, name, of_params=True)
    value = basis.policy.params[name].get("default")
    return Fact(f"params.{name}", value, DEFAULT if said is None else SETTINGS, said)


def _last(basis: Basis, name: str, of_params: bool = False) -> Place | None:
    """Where settings say a field or a parameter, the strongest; None where the policy has its own."""
    for one in reversed(basis.overrides):
        if of_params:
            if name in one.params:
                return one.place_of(f"params.{name}")
        elif getattr(one, name) is not None:
            return one.place_of(name)
    return None


def _layer(layer: Layer) -> Fact:
    """A settings file, or an entry of its `overrides`, that holds for the resource."""
    places = [one.place for one in layer.overrides] + list(layer.places.values())
    place = min(places, key=lambda place: (place.line, place.column)) if layer.within and places else None
    return Fact(
        "settings", layer.path if not layer.within else f"{layer.path}: {layer.within}", SETTINGS, place
    )


def _place(span: Span | None) -> Place | None:
    return None if span is None else Place(span.path, span.line, span.column)
