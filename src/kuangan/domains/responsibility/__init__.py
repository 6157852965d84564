"""Who answers for which mine, on every level: supervisors, assigned leaders, officers, owners, principals; their meetings and the safety funds."""
