"""Rotation of keys: everything sealed is made anew with the first key of FIELD_KEYS, a batch at a time.

Each batch is a transaction of its own and a row is written only if nobody changed it meanwhile, so the work may be
interrupted, repeated, and done while people use the system. What is left is whatever does not carry the current key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BinaryField, Model
from django.db.models.functions import Substr

from config.backup import backups_in
from config.backup_archive import key_of_backup
from config.checks import encrypted_columns
from jobs.files import key_of_file, path_of
from jobs.files import reseal as reseal_file
from jobs.imports.chunks import reseal as reseal_chunk
from jobs.models import ImportChunk, StoredFile
from lib.crypto import EncryptedTextField, key_of, key_ring, reseal

BATCH = 1000
TAGS = ("v1", "s1")  # the ciphers, as tokens name them
UNKNOWN = "?"
CHUNKS, FILES = "jobs_importchunk.payload", "files"
Counts = dict[str, Counter[str]]  # place → tag:kid → how many


def current_key() -> str:
    """``tag:kid`` of what is sealed now."""
    return key_ring().prefix[:-1]


def keys_in_use() -> Counts:
    """Place by place, how many values each key has sealed."""
    counts: Counts = {}
    for model, field in encrypted_columns():
        counts[field.bound_to] = _counted(model._meta.db_table, str(field.column))
    heads = ImportChunk.objects.order_by().values_list(Substr("payload", 1, 24, output_field=BinaryField()))
    counts[CHUNKS] = Counter(key_of(bytes(head)) for (head,) in heads.iterator())
    counts[FILES] = Counter(filter(None, (key_of_file(stored) for stored in StoredFile.objects.iterator())))
    return counts


def remaining(counts: Counts) -> int:
    """Values that are not sealed with the current key."""
    return sum(number for keys in counts.values() for key, number in keys.items() if key != current_key())


def old_backups() -> list[Path]:
    """Backups that open only with a key that is not the current one."""
    folder = Path(settings.BACKUP_DIR)
    return [path for path in backups_in(folder) if key_of_backup(path) not in ("", current_key())]


def rotate(tell: Callable[[str, int], None]) -> Counter[str]:
    """Seal everything anew; `tell` hears place and number after every batch. Returns the numbers by place."""
    done: Counter[str] = Counter()
    for place, number in _steps():
        done[place] += number
        tell(place, done[place])
    return done


def _steps() -> Iterator[tuple[str, int]]:
    for model, field in encrypted_columns():
        for number in _column(model, field):
            yield field.bound_to, number
    for chunk in (
        ImportChunk.objects.only("batch_id", "number", "payload").order_by("pk").iterator(chunk_size=20)
    ):
        if key_of(bytes(chunk.payload)) != current_key():
            yield CHUNKS, ImportChunk.objects.filter(pk=chunk.pk).update(payload=reseal_chunk(chunk))
    for stored in StoredFile.objects.order_by("pk").iterator():
        if key_of_file(stored) not in ("", current_key()) and path_of(stored).exists():
            reseal_file(stored)
            yield FILES, 1


def _column(model: type[Model], field: EncryptedTextField) -> Iterator[int]:
    """Values made anew, batch by batch in the order of the primary key."""
    name = connection.ops.quote_name
    key_field = model._meta.pk
    table, column, key = name(model._meta.db_table), name(str(field.column)), name(str(key_field.column))
    kind = key_field.rel_db_type(connection)
    prefix, last = key_ring().prefix, None
    while True:
        after = f"AND {key} > %s " if last is not None else ""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {key}, {column} FROM {table} WHERE {column} <> '' "  # noqa: S608
                f"AND substr({column}, 1, {len(prefix)}) <> %s {after}ORDER BY {key} LIMIT {BATCH}",
                [prefix, *([last] if last is not None else [])],
            )
            rows = cursor.fetchall()
            if not rows:
                return
            values = [(pk, token, reseal(token, field.bound_to)) for pk, token in rows]
            places = ", ".join([f"(CAST(%s AS {kind}), %s, %s)"] * len(values))
            cursor.execute(
                f"UPDATE {table} SET {column} = column3 FROM (VALUES {places}) AS fresh "  # noqa: S608
                f"WHERE {table}.{key} = column1 AND {column} = column2",
                [value for row in values for value in row],
            )
            last = rows[-1][0]
            number = cursor.rowcount
        yield number


def _counted(table: str, column: str) -> Counter[str]:
    """Values by ``tag:kid`` of the ring; those of no key of the ring under "?"."""
    quoted = connection.ops.quote_name(column)
    heads = [f"{tag}:{kid}" for tag in TAGS for kid in key_ring().kids]
    sums = ", ".join(
        f"sum(CASE WHEN substr({quoted}, 1, {len(head) + 1}) = %s THEN 1 ELSE 0 END)" for head in heads
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), {sums} FROM {connection.ops.quote_name(table)} WHERE {quoted} <> ''",  # noqa: S608
            [f"{head}:" for head in heads],
        )
        total, *found = cursor.fetchone()
    counts = Counter({head: number for head, number in zip(heads, found, strict=True) if number})
    return counts + Counter({UNKNOWN: total - counts.total()})
