"""Reads the environment for settings.py; a wrong value stops the start with one plain sentence."""

import json
import secrets
import sys
from base64 import b64encode
from pathlib import Path
from typing import NoReturn

import environ

env = environ.Env()


def refuse(sentence: str) -> NoReturn:
    """Stop the start: print the sentence and exit with status 2, without a traceback."""
    sys.stderr.write(f"稳岗台账无法启动：{sentence}\n")
    raise SystemExit(2)


def choice(name: str, allowed: tuple[str, ...]) -> str:
    """The variable's value, which must be one of `allowed`; the first is the default."""
    value = env.str(name, default=allowed[0])
    if value not in allowed:
        refuse(f"环境变量 {name} 的值“{value}”不认识，可以是：{'、'.join(allowed)}。")
    return value


def embedded_keys(folder: Path) -> dict[str, str]:
    """The keys of a single-machine installation, made once and kept in `folder/keys.json` (mode 0600)."""
    path = folder / "keys.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        keys = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_KEYS": "k1:" + b64encode(secrets.token_bytes(32)).decode(),
            "INDEX_KEY": b64encode(secrets.token_bytes(32)).decode(),
        }
        try:
            with open(path, "x", opener=_private) as file:
                json.dump(keys, file)
        except FileExistsError:
            pass  # another process of the same start was faster: its keys are the keys
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        refuse(f"密钥文件 {path} 读不出来；请从备份恢复它，不要删除，否则已加密的身份证号码无法还原。")


def _private(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)


def keys(server: bool, folder: Path) -> dict[str, str]:
    """SECRET_KEY, FIELD_KEYS and INDEX_KEY: from the environment, else (not on a server) from the key file."""
    names = ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")
    given = {name: env.str(name, default="") for name in names}
    missing = [name for name in names if not given[name]]
    if missing and server:
        refuse(f"服务器部署必须设置环境变量 {'、'.join(missing)}。")
    stored = embedded_keys(folder) if missing else {}
    return {name: given[name] or stored[name] for name in names}
