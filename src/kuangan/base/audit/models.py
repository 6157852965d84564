"""Entries are written by whoever changes something; links join them into one chain afterwards."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models


class AppendOnly(models.QuerySet[Any]):
    """Rows that may be added and read, never changed or taken away."""

    def update(self, **kwargs: object) -> NoReturn:
        raise AppendOnlyError(self.model.__name__)

    def delete(self) -> NoReturn:
        raise AppendOnlyError(self.model.__name__)


class AppendOnlyError(Exception):
    """Somebody tried to change or delete an audit row."""


class AppendOnlyModel(models.Model):
    objects = models.Manager.from_queryset(AppendOnly)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError(type(self).__name__)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError(type(self).__name__)


class AuditEntry(AppendOnlyModel):
    """What happened to what, who did it, when and why. `content` is canonical JSON, so that its digest is stable."""

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=64)
    kind = models.CharField(max_length=64)
    ident = models.CharField(max_length=128)
    content = models.TextField()
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "ident", "id"], name="audit_entry_subject"),
            models.Index(fields=["at"], name="audit_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.kind}:{self.ident}"


class AuditPending(models.Model):
    """An entry that waits for the sealer. Without it the sealer would search the whole table every second,
    and could not tell an entry that committed late from one that was put in behind its back."""

    entry = models.OneToOneField(
        AuditEntry, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="pending"
    )


class AuditLink(AppendOnlyModel):
    """One link of the chain. No constraint ties it to its entry: the chain must survive a loss to be able to show it."""

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.DO_NOTHING, db_constraint=False, related_name="link")
    entry_digest = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.sequence} {self.digest[:12]}"


class AuditHead(models.Model):
    """The one row that a sealer locks; where the chain stands."""

    sequence = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(null=True)
