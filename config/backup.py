"""Backup, restore and the drill that proves a backup good before it is needed."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import User
from config.backup_archive import DATABASE, Refused, pack, unpack
from config.backup_engines import engine, facts, holds_data, pointed_at
from config.checks import rows_locked
from jobs.files import path_of, read_file
from jobs.models import StoredFile
from ledgers.models import Laborer
from lib.crypto import blind_index
from reports.bulletins.formats import first_difference
from reports.models import BulletinFile

SUFFIX = ".backup"
DAY = 24 * 3600  # seconds
COMPARED = {"rows": "各表行数", "migrations": "升级记录", "audit": "操作记录", "bulletins": "已印发的通报"}
_STORED = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")  # what a stored file is called below MEDIA_ROOT


def back_up(target: Path, keep: int = 0) -> dict[str, Any]:
    """Write everything but the keys to `target`, or to a dated file in it when it is a folder.

    With `keep`, all but the newest that many backups of the folder are removed afterwards.
    """
    started = time.perf_counter()
    path = target / f"ledger-{_stamp()}{SUFFIX}" if target.is_dir() else target
    path.parent.mkdir(parents=True, exist_ok=True)
    with _workplace() as folder:
        manifest = _about() | engine().dump(folder / DATABASE)
        members = [(DATABASE, folder / DATABASE), *_stored_files(Path(settings.MEDIA_ROOT))]
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with open(partial, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as out:
                manifest = pack(out, members, manifest)
                out.flush()
                os.fsync(out.fileno())
            os.replace(partial, path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    for old in backups_in(path.parent)[keep:] if keep else []:
        old.unlink()
    return _told(path, manifest) | {"seconds": _since(started)}


def restore(path: Path, replace: bool = False) -> dict[str, Any]:
    """Bring the backup back. The present data stay in their place until the copy beside them has passed every check."""
    started, stamp = time.perf_counter(), _stamp()
    if not replace and holds_data():
        raise Refused("目标数据库里已有数据，没有作任何改动；确认要用备份代替它，请加 --replace。")
    database = engine()
    with _workplace() as folder:
        manifest = _opened(path, folder)
        with database.restored(folder / DATABASE) as name:
            with pointed_at(name):
                checked = _verified(manifest, folder)
                audit.record("data.restore", made_at=manifest["made_at"], head=manifest["audit"])
            _bring_files(folder / "files")
            kept = database.adopt(name, stamp)
    _put_aside_others(manifest, stamp)
    return _told(path, manifest) | checked | {"kept": kept, "seconds": _since(started)}


def drill(path: Path | None = None, max_age_hours: float = 26) -> dict[str, Any]:
    """Restore the newest backup beside the present data, check it, sign in to it, and throw the copy away."""
    started = time.perf_counter()
    if path is None:
        path = next(iter(backups_in(Path(settings.BACKUP_DIR))), None)
        if path is None:
            raise Refused(f"{settings.BACKUP_DIR} 里没有备份，请先运行 manage.py backup。")
    age = round((time.time() - path.stat().st_mtime) / 3600, 1) if path.exists() else 0
    if age > max_age_hours:
        raise Refused(f"最近的备份 {path.name} 已有 {age} 小时，超过 {max_age_hours} 小时；请检查定时备份。")
    with _workplace() as folder:
        manifest = _opened(path, folder)
        with engine().restored(folder / DATABASE) as name, pointed_at(name):
            checked = _verified(manifest, folder) | _signed_in(folder)
    return _told(path, manifest) | checked | {"age_hours": age, "seconds": _since(started)}


def backups_in(folder: Path) -> list[Path]:
    """Backups of the folder, newest first."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True)


def _about() -> dict[str, Any]:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return {
        "version": project["version"],
        "made_at": timezone.localtime().isoformat(timespec="seconds"),
        "vendor": connection.vendor,
        "index": _index_mark(),
    }


def _index_mark() -> str:
    """Tells whether INDEX_KEY and cipher are those of the backup, without telling the key."""
    return blind_index("backup", "backup.mark")


def _told(path: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "file": str(path),
        "size": path.stat().st_size,
        "sha256": digest,
        "made_at": manifest["made_at"],
        "tables": len(manifest["rows"]),
        "rows": sum(manifest["rows"].values()),
        "files": len(manifest["members"]) - 1,
        "audit": manifest["audit"],
    }


def _stored_files(root: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.glob("*/*")):
        if _STORED.fullmatch(name := path.relative_to(root).as_posix()):
            yield f"files/{name}", path


def _opened(path: Path, folder: Path) -> dict[str, Any]:
    """The archive unpacked into `folder`; Refused when it does not fit this installation."""
    try:
        with open(path, "rb") as source:
            manifest = unpack(source, folder)
    except OSError as error:
        raise Refused(f"备份文件 {path} 读不出来：{error.strerror}。") from None
    if manifest["vendor"] != connection.vendor:
        raise Refused(f"备份来自 {manifest['vendor']}，现在的数据库是 {connection.vendor}，不能互相恢复。")
    known = {(app, name) for app, name in MigrationLoader(None).disk_migrations}
    if newer := [f"{app}.{name}" for app, name in manifest["migrations"] if (app, name) not in known]:
        raise Refused(f"备份来自更新的程序版本（{newer[0]}），请先升级程序再恢复。")
    if manifest["index"] != _index_mark():
        raise Refused("INDEX_KEY 或 FIELD_CIPHER 与备份时不同，恢复后将查不到人；请先恢复原来的设置。")
    return manifest


def _verified(manifest: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The restored copy, at which the process points now, against the manifest; Refused at the first difference."""
    with connection.cursor() as cursor:
        present = facts(cursor, connection.vendor)
    for name, words in COMPARED.items():
        if present[name] != manifest[name]:
            raise Refused(f"恢复出来的数据与备份清单不符：{words}不一致。")
    ContentType.objects.clear_cache()
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    if bad := audit.first_bad_entry():
        raise Refused(f"备份里的操作记录不完整：{bad[1]}。")
    if locked := rows_locked():
        raise Refused(locked)
    if difference := first_difference():
        raise Refused(f"备份里的印发文件不对：{difference}。")
    with override_settings(MEDIA_ROOT=folder / "files"):
        return {
            "bulletins": len(manifest["bulletins"]),
            "printed_files": BulletinFile.objects.count(),
            "decrypted": _person_opens(),
            "file_opened": _file_opens(),
            "missing_files": sum(not path_of(stored).exists() for stored in StoredFile.objects.iterator()),
        }


def _person_opens() -> bool | None:
    """The number of the newest person opens and leads back to that person; None without people."""
    person = Laborer.objects.order_by("-pk").first()
    if person is None:
        return None
    if blind_index(person.id_no, "laborer.id") != person.id_index:
        raise Refused("身份证号码解开后与它的检索值不符，密钥不属于这份数据。")
    return True


def _file_opens() -> bool | None:
    stored = next(
        (one for one in StoredFile.objects.order_by("-created_at")[:100] if path_of(one).exists()), None
    )
    if stored is None:
        return None
    if hashlib.sha256(read_file(stored)).hexdigest() != stored.sha256:
        raise Refused("备份里的文件解开后与登记的 SHA-256 不符。")
    return True


def _signed_in(folder: Path) -> dict[str, Any]:
    """The sign-in page of the restored copy comes up and lets a user of its own in; both vanish with the copy."""
    password = secrets.token_urlsafe(24)
    user = User.objects.create_user(f"drill-{secrets.token_hex(6)}", password, name="恢复演练")
    with override_settings(
        MEDIA_ROOT=folder / "files", ALLOWED_HOSTS=["drill.invalid"], SECURE_SSL_REDIRECT=False
    ):
        client = Client(headers={"host": "drill.invalid"}, raise_request_exception=False)
        address = reverse("accounts:login")
        page = client.get(address)
        answer = client.post(address, {"username": user.username, "password": password})
    if page.status_code != 200 or answer.status_code != 302:
        raise Refused(f"恢复出来的数据不能登录（{page.status_code}、{answer.status_code}）。")
    return {"signed_in": True}


def _bring_files(source: Path) -> None:
    """Move the restored files to where the rows will look for them; names are random, none hides another."""
    root = Path(settings.MEDIA_ROOT)
    for name, path in _stored_files(source):
        target = root / name.removeprefix("files/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)


def _put_aside_others(manifest: dict[str, Any], stamp: str) -> None:
    """Files of which the restored data know nothing, kept beside with the database they belong to."""
    root = Path(settings.MEDIA_ROOT)
    for name, path in list(_stored_files(root)):
        if name not in manifest["members"]:
            target = root.with_name(f"{root.name}.before-{stamp}") / name.removeprefix("files/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)


def _stamp() -> str:
    return f"{timezone.localtime():%Y%m%d-%H%M%S}"


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 2)


@contextmanager
def _workplace() -> Iterator[Path]:
    """A private folder in DATA_DIR for the copy in clear; what an earlier run left when it was killed goes as well."""
    base = Path(settings.DATA_DIR)
    for left in base.glob("backup-work-*"):
        if time.time() - left.stat().st_mtime > DAY:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="backup-work-", dir=base) as folder:
        yield Path(folder)
