"""A first draft of a policy from twelve answers: every clause with why it is there, and an annex for each place."""
