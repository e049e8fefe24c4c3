"""Agents: who may enter, the links mailed to them, their roles and their sessions."""
