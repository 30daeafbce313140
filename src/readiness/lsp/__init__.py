"""The language server: what `check` finds, while people type.

It speaks the Language Server Protocol 3.17 through pygls (extra `readiness[lsp]`):
https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""
