"""Routing decisions: the problem as it stood, the plan, and the reasons, all kept."""
