"""Steps that touch the world; each may run twice and must not mind."""
