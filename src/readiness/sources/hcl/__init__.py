"""HCL: text → blocks of expression nodes with positions, through python-hcl2's grammar."""
