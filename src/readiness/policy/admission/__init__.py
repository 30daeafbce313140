"""ValidatingAdmissionPolicy and its bindings, held against objects as if each were created."""
