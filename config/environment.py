"""Reads the environment for settings.py; a wrong value stops the start with one plain sentence."""

import contextlib
import json
import os
import re
import secrets
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ

env = environ.Env()
YES = {"1", "true", "on", "yes", "y"}
NO = {"0", "false", "off", "no", "n", ""}
SECRET_LENGTH = 50
SMS_KEY_LENGTH = 16
DATABASE_SCHEMES = {"sqlite", "postgres", "postgresql"}
REDIS_SCHEMES = {"redis", "rediss", "unix"}


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


def number(name: str, default: int, low: int, high: int) -> int:
    """The variable as a whole number from `low` to `high`."""
    text = env.str(name, default=str(default)).strip()
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        refuse(f"环境变量 {name} 的值“{text}”应为 {low} 至 {high} 之间的整数。")
    return int(text)


def flag(name: str, default: bool) -> bool:
    """The variable as yes or no; what is neither stops the start instead of meaning no."""
    text = env.str(name, default="1" if default else "0").strip().lower()
    if text not in YES and text not in NO:
        refuse(f"环境变量 {name} 的值“{text}”不认识，请写 1（是）或 0（否）。")
    return text in YES


def writable(folder: Path) -> Path:
    """The folder, made if need be."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        refuse(f"数据目录 {folder} 不存在或不能写入；请检查环境变量 DATA_DIR 和目录权限。")
    return folder


def hosts(server: bool) -> list[str]:
    """ALLOWED_HOSTS: names only; a server must say its own."""
    names = env.list("ALLOWED_HOSTS", default=[] if server else ["127.0.0.1", "localhost", "[::1]"])
    if server and (not names or "*" in names):
        refuse("服务器部署必须设置环境变量 ALLOWED_HOSTS（域名，用逗号隔开，不能是 *）。")
    for name in names:
        if not re.fullmatch(r"\*|\.?[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]", name):
            refuse(f"环境变量 ALLOWED_HOSTS 中的“{name}”应只写域名或IP，不带 https://、端口和路径。")
    return names


def origins() -> list[str]:
    """CSRF_TRUSTED_ORIGINS: addresses with their scheme."""
    addresses = env.list("CSRF_TRUSTED_ORIGINS", default=[])
    for address in addresses:
        if not address.startswith(("https://", "http://")):
            refuse(f"环境变量 CSRF_TRUSTED_ORIGINS 中的“{address}”应以 https:// 开头。")
    return addresses


def database(default: str) -> dict[str, Any]:
    """DATABASE_URL as Django's settings of one database."""
    url = env.str("DATABASE_URL", default=default)
    try:
        if urlsplit(url).scheme in DATABASE_SCHEMES and (config := env.db_url_config(url)).get("NAME"):
            return config
    except ValueError:
        pass  # the port is no number
    refuse(
        "环境变量 DATABASE_URL 写法不对，应为 sqlite:////路径/文件 或 postgres://用户:口令@主机:端口/库名；"
        "口令中的 @ : / # 等符号要写成 %40 %3A %2F %23。"
    )


def redis() -> str:
    """REDIS_URL; empty means that the web process does the jobs."""
    url = env.str("REDIS_URL", default="")
    try:
        parts = urlsplit(url)
        if not url or (parts.scheme in REDIS_SCHEMES and (parts.scheme == "unix" or parts.hostname)):
            return url if parts.port != 0 else ""
    except ValueError:
        pass  # the port is no number
    refuse("环境变量 REDIS_URL 应以 redis:// 开头，例如 redis://127.0.0.1:6379/0。")


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
        stored = json.loads(path.read_text())
        return {name: stored[name] for name in ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")}
    except (OSError, ValueError, KeyError, TypeError):
        refuse(f"密钥文件 {path} 读不出来；请从备份恢复它，不要删除，否则已加密的身份证号码无法还原。")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def keys(server: bool, folder: Path) -> dict[str, str]:
    """SECRET_KEY, FIELD_KEYS and INDEX_KEY: from the environment, else (not on a server) from the key file."""
    names = ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY")
    given = {name: env.str(name, default="").strip() for name in names}
    missing = [name for name in names if not given[name]]
    if given["SECRET_KEY"] and len(given["SECRET_KEY"]) < SECRET_LENGTH:
        refuse(f"环境变量 SECRET_KEY 太短，至少 {SECRET_LENGTH} 个字符，应随机生成。")
    if missing and server:
        refuse(f"服务器部署必须设置环境变量 {'、'.join(missing)}。")
    stored = embedded_keys(folder) if missing else {}
    return {name: given[name] or stored[name] for name in names}


def gateway(kind: str, server: bool) -> tuple[str, str]:
    """(SMS_URL, SMS_KEY) of the gateway for short messages; empty unless it is spoken to over HTTP."""
    if kind != "http":
        return "", ""
    url, key = env.str("SMS_URL", default=""), env.str("SMS_KEY", default="")
    try:
        parts = urlsplit(url)
        schemes = (
            {"https"} if server and parts.hostname not in ("127.0.0.1", "localhost") else {"https", "http"}
        )
        if parts.scheme not in schemes or not parts.hostname or parts.port == 0 or parts.query:
            raise ValueError
    except ValueError:
        refuse("环境变量 SMS_URL 应是短信网关的地址，以 https:// 开头，例如 https://sms.example/send。")
    if len(key) < SMS_KEY_LENGTH:
        refuse(f"环境变量 SMS_KEY 应是与短信网关约定的签名密钥，不少于 {SMS_KEY_LENGTH} 个字符。")
    return url, key
