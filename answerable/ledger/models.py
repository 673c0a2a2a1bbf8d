"""A log as rows: its head, its entries, its full tiles.

An entry's id is its log's number and its index together, so that it is known before the row is written, is
unique without a second index, and no two writers can put different leaves in one place.
"""

from django.db import models
from django.db.models import F, Q

from answerable.organisation.models import Organisation

INDEX_BITS = 40


class Log(models.Model):
    """The head of one organisation's log, changed only by one conditional update at a time.

    `tail` is what `answerable_protocol.tiles.Tail.dump` gives at `size`. The published columns are what the
    public addresses show: they follow at intervals.
    """

    id = models.BigAutoField(primary_key=True)
    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="log")
    origin = models.CharField(max_length=253, unique=True)
    public_key = models.BinaryField(max_length=32)
    size = models.BigIntegerField(default=0)
    tail = models.BinaryField(default=bytes)
    checkpoint = models.TextField()
    published_size = models.BigIntegerField(default=0)
    published_checkpoint = models.TextField()
    published_at = models.DateTimeField(null=True)
    # Of an organisation that goes to another server: nothing is appended once it is closed, and for good once it moved.
    closed_at = models.DateTimeField(null=True)
    moved_to = models.CharField(max_length=300, null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=0, size__lt=1 << INDEX_BITS), name="log_size_fits"),
            models.CheckConstraint(condition=Q(published_size__lte=F("size")), name="log_shows_what_it_has"),
        ]

    def __str__(self) -> str:
        return self.origin


class Entry(models.Model):
    """One leaf. `type` is empty for a random leaf; nonce and payload are null when erased, or when there were
    none.
    """

    id = models.BigIntegerField(primary_key=True)
    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="entries", db_index=False)
    index = models.BigIntegerField()
    type = models.CharField(max_length=32, blank=True)
    label = models.BinaryField(max_length=32, null=True)
    leaf = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)
    nonce = models.BinaryField(max_length=32, null=True)
    payload = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=F("log_id") * (1 << INDEX_BITS) + F("index")), name="entry_id_is_log_and_index"
            ),
            models.CheckConstraint(
                condition=Q(index__gte=0, index__lt=1 << INDEX_BITS), name="entry_index_fits"
            ),
            models.CheckConstraint(
                condition=Q(nonce=None, payload=None) | Q(nonce__isnull=False, payload__isnull=False),
                name="entry_is_open_or_erased",
            ),
            models.UniqueConstraint(
                fields=["log", "label"], condition=Q(label__isnull=False), name="entry_label_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.log_id}:{self.index}"


class Tile(models.Model):
    """A full tile: 256 hashes of a level, joined. Partial tiles are beginnings of the tail or of these."""

    log = models.ForeignKey(Log, on_delete=models.PROTECT, related_name="tiles", db_index=False)
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "level", "index"], name="tile_once")]

    def __str__(self) -> str:
        return f"{self.log_id}:{self.level}/{self.index}"
