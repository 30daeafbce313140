"""Files one by one, as a hook passes them, and standard input."""

from __future__ import annotations

from typing import Any

FILES = {
    "infra/a.tf": 'resource "demo_bucket" "a" {\n  encrypted = var.on\n}\n',
    "infra/b.tf": 'resource "demo_bucket" "b" {\n  encrypted = var.on\n}\n',
    "infra/variables.tf": 'variable "on" {\n  default = false\n}\n',
    "infra/broken.tf": "a = = 1\n",
    "other/c.tf": 'resource "demo_bucket" "c" {\n}\n',
    "k/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
    "k/b.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\n",
}
SELECT = "demo-bucket-encrypted,demo-config-owner"


def test_siblings_give_values_and_are_not_reported(cli: Any) -> None:
    cli.write(FILES)
    result = cli.check("infra/a.tf", select=SELECT)
    assert result.found() == [("demo-bucket-encrypted", "demo_bucket.a", "infra/a.tf", 2)]
    assert result.errors == []
    assert result.report["summary"]["files"] == 1
    # The default comes from the sibling.
    (origin,) = result.findings[0]["origins"]
    assert (origin["location"]["path"], origin["location"]["line"]) == ("infra/variables.tf", 2)


def test_several_files(cli: Any) -> None:
    cli.write(FILES)
    result = cli.check("infra/b.tf", "k/b.yaml", "infra/a.tf", "infra/a.tf", select=SELECT)
    assert [finding[1] for finding in result.found()] == ["demo_bucket.a", "demo_bucket.b", "ConfigMap/b"]
    assert result.report["summary"]["files"] == 3


def test_a_named_file_that_is_broken(cli: Any) -> None:
    cli.write(FILES)
    result = cli.check("infra/broken.tf", "other/c.tf", select=SELECT)
    assert [error[0] for error in result.errors] == ["infra/broken.tf"]
    assert result.report["summary"]["unread"] == 1


def test_a_hook_with_nothing_for_us(cli: Any) -> None:
    cli.write({"README.md": "# Hello\n", "ci.yml": "on: push\n"})
    assert cli.check("README.md", "ci.yml").status == 3
    assert cli.check("README.md", "ci.yml", "--allow-empty").status == 0


def test_variables_alone_declare_nothing_that_fails(cli: Any) -> None:
    cli.write(FILES)
    result = cli.check("infra/variables.tf", "--allow-empty", select=SELECT)
    assert (result.status, result.findings) == (0, [])


def test_a_named_file_is_read_though_git_ignores_it(cli: Any) -> None:
    cli.write({**FILES, ".gitignore": "other/\n", ".git/HEAD": ""})
    assert "demo_bucket.c" not in [finding[1] for finding in cli.check(select=SELECT).found()]
    assert [finding[1] for finding in cli.check("other/c.tf", select=SELECT).found()] == ["demo_bucket.c"]


def test_file_and_its_folder(cli: Any) -> None:
    cli.write(FILES)
    both = cli.check("infra/a.tf", "infra", select=SELECT)
    assert both.found() == cli.check("infra", select=SELECT).found()
    assert len(both.found()) == 2


def test_var_file(cli: Any) -> None:
    cli.write({**FILES, "prod.tfvars": "on = true\n", "bad.tfvars": "on = = 1\n"})
    assert cli.check("infra/a.tf", "--var-file", "prod.tfvars", select=SELECT).found() == []
    result = cli.check("infra/a.tf", "--var-file", "bad.tfvars", select=SELECT)
    assert [error[:2] for error in result.errors] == [("bad.tfvars", 1)]


def test_standard_input(cli: Any) -> None:
    result = cli.check("-", select=SELECT, stdin=FILES["k/a.yaml"].encode())
    assert result.found() == [("demo-config-owner", "ConfigMap/a", "-", 4)]
    result = cli.check("-", select=SELECT, stdin=FILES["other/c.tf"].encode())
    assert result.found() == [("demo-bucket-encrypted", "demo_bucket.c", "-", 1)]
    json = b'{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "j"}}'
    assert cli.check("-", select=SELECT, stdin=json).found() == [("demo-config-owner", "ConfigMap/j", "-", 1)]


def test_standard_input_beside_files(cli: Any) -> None:
    cli.write(FILES)
    result = cli.check("-", "other", select=SELECT, stdin=FILES["k/a.yaml"].encode())
    assert [finding[2] for finding in result.found()] == ["-", "other/c.tf"]


def test_bad_standard_input(cli: Any) -> None:
    assert cli.check("-", stdin=b"").status == 3
    result = cli.check("-", stdin=b"a = 1\nb = \xff\n")
    assert (result.status, [error[:3] for error in result.errors]) == (3, [("-", 2, 5)])
    result = cli.check("-", stdin=b"apiVersion: v1\nkind: ConfigMap\nkind: Secret\n")
    assert [error[:3] for error in result.errors] == [("-", 3, 1)]


def test_ignores_work_on_standard_input(cli: Any) -> None:
    text = '# readiness:ignore demo-bucket-encrypted reason: x\nresource "demo_bucket" "a" {\n}\n'
    result = cli.check("-", select="demo-bucket-encrypted", stdin=text.encode())
    assert (len(result.found("suppressed")), result.found()) == (1, [])


def test_comments_of_siblings_do_no_harm(cli: Any) -> None:
    # A finding of a named file is never lost to a sibling, and a sibling's comment does no harm.
    cli.write(
        {
            "a.tf": FILES["other/c.tf"],
            "b.tf": "# readiness:ignore demo-bucket-encrypted reason: x\nlocals {\n}\n",
        }
    )
    assert len(cli.check("a.tf", select="demo-bucket-encrypted").found()) == 1
