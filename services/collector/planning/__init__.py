"""What is asked when: schedule, quotas, the planner and its leader."""
