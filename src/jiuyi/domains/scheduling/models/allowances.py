"""What is locked besides the person so that limits hold: one row for each account and each device that books."""

from django.db import models


class SourceAllowance(models.Model):
    """An account (``account:<id>``) or a device (``device:<hash>``); locked after the person, before any place (rule AP-9)."""

    source = models.CharField(primary_key=True, max_length=80)
