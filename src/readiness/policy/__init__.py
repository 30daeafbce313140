"""Policy files → compiled checks."""
