"""Lists some of whose items may not be there: what holds of such an item alone decides nothing."""

from __future__ import annotations

import pytest

from readiness.policy import cel
from readiness.values import Doubted, List, Map, Unknown

WHY = Unknown("the number of aws_s3_bucket.logs is not known", ("aws_s3_bucket.logs",))
SURE, MAYBE = Map({"name": "web", "port": 22}), Map({"name": "logs", "port": 80})
BOTH = Doubted([SURE, MAYBE], {id(MAYBE): WHY})
# So many that an equality in `exists` and `filter` is looked up in an index.
MANY = Doubted([*(Map({"name": f"n{number}"}) for number in range(40)), MAYBE], {id(MAYBE): WHY})

CASES = [
    # list, condition, the result: None for unknown
    (BOTH, 'resources("T").exists(r, r.port == 22)', True),
    (BOTH, 'resources("T").exists(r, r.port == 80)', None),
    (BOTH, 'resources("T").exists(r, r.port == 443)', False),
    (BOTH, 'resources("T").exists(r, r != null)', True),
    (BOTH, 'resources("T").all(r, r.port < 100)', True),
    (BOTH, 'resources("T").all(r, r.port != 22)', False),
    (BOTH, 'resources("T").all(r, r.port != 80)', None),
    (BOTH, 'resources("T").exists(i, r, i == 1 && r.port == 80)', None),
    (BOTH, 'resources("T").exists_one(r, r.port == 22)', True),
    (BOTH, 'resources("T").exists_one(r, r.port == 80)', None),
    (BOTH, 'resources("T").exists_one(r, r.port == 443)', False),
    (BOTH, 'resources("T").filter(r, r.port == 80).exists(r, r.name == "logs")', None),
    (BOTH, 'resources("T").filter(r, r.port == 22).exists(r, r.name == "web")', True),
    (BOTH, '(resources("T") + resources("T")).exists(r, r.port == 80)', None),
    (BOTH, '([] + resources("T")).exists(r, r.port == 80)', None),
    (BOTH, 'size(resources("T")) == 2', True),
    (MANY, 'resources("T").exists(r, r.name == "logs")', None),
    (MANY, 'resources("T").exists(r, r.name == "n7")', True),
    (MANY, 'resources("T").filter(r, r.name == "logs").exists(r, r.port == 80)', None),
]


@pytest.mark.parametrize(("items", "condition", "expected"), CASES)
def test_what_may_not_be_there_decides_nothing(items: List, condition: str, expected: bool | None) -> None:
    program = cel.compile(condition, functions=frozenset({"resources"}))
    result = program.evaluate({}, {"resources": lambda _type: items})
    if expected is None:
        assert isinstance(result, Unknown)
        assert result.refs == ("aws_s3_bucket.logs",)
    else:
        assert result is expected
