"""The clauses of the policy documents as pages: what each says, whom it binds, what serves it now."""
