"""Processes that cross departments: one transaction that calls several departments' actions, in the one lock order."""
