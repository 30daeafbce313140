"""Globs of addresses, paths and names, as exceptions are written with them: those of the settings."""

from __future__ import annotations

from readiness.config.patterns import WILD as WILD
from readiness.config.patterns import address_parents as address_parents
from readiness.config.patterns import address_pattern as address_pattern
from readiness.config.patterns import is_glob as is_glob
from readiness.config.patterns import literal as literal
from readiness.config.patterns import name_pattern as name_pattern
from readiness.config.patterns import path_pattern as path_pattern
