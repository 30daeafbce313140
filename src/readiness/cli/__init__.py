"""The command line: one module per command; each parses options, calls one function, picks an output."""
