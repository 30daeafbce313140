"""How far permissions reach: actions of AWS, escalations, and grants of three clouds in one form."""
