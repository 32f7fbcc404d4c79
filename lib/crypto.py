"""Field encryption: a stolen disk, dump or log shows neither identity numbers nor telephone numbers.

FIELD_KEYS    ``kid:base64[,kid:base64…]``, at least 32 bytes each; the first key encrypts, the others only decrypt.
INDEX_KEY     base64, at least 32 bytes; the blind indexes hang on it alone, so rotating FIELD_KEYS never
              changes an index. When empty, the LAST key of the ring serves: before dropping that key, copy its
              base64 part into INDEX_KEY and every index stays as it is.
FIELD_CIPHER  ``AES-256-GCM`` (default) or ``SM4-GCM``. Changing it also changes the hash of the blind index
              (HMAC-SHA256 or HMAC-SM3), so the indexes must be computed again; old tokens stay readable.

The configured bytes are never used directly: HKDF-SHA256 derives one key per cipher and one per index purpose.
A token is ``v1:kid:base64(nonce + ciphertext + tag)``, written ``s1:…`` when the cipher is SM4-GCM. Its AAD is
"table.column", so that a token moved to another column does not open.
"""

import hmac
import json
import os
import re
import zlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

AES = "AES-256-GCM"
SM4 = "SM4-GCM"
_TAGS = {AES: "v1", SM4: "s1"}
_CIPHERS = {tag: cipher for cipher, tag in _TAGS.items()}
_NONCE = 12  # bytes; drawn at random for every value
_GCM_TAG = 16
_KEY_BYTES = 32
INDEX_LENGTH = 32  # hex characters: 128 bits, no collision to expect among 10^9 people
_KID = re.compile(r"[A-Za-z0-9_-]{1,16}")


class Undecryptable(Exception):
    """A token cannot be opened. The message names the reason, never the token or the key."""


class SM4GCM:
    """SM4-GCM with the interface of AESGCM."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        cipher = Cipher(self._algorithm, modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(aad)
        return cipher.update(data) + cipher.finalize() + cipher.tag

    def decrypt(self, nonce: bytes, data: bytes, aad: bytes) -> bytes:
        body, tag = data[:-_GCM_TAG], data[-_GCM_TAG:]
        cipher = Cipher(self._algorithm, modes.GCM(nonce, tag)).decryptor()
        cipher.authenticate_additional_data(aad)
        return cipher.update(body) + cipher.finalize()


def new_key() -> str:
    """Fresh key material in base64, for FIELD_KEYS (after ``kid:``) or INDEX_KEY."""
    return b64encode(os.urandom(_KEY_BYTES)).decode()


def _material(text: str, what: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise ValueError(f"{what}不是有效的base64文本。") from None
    if len(raw) < _KEY_BYTES:
        raise ValueError(f"{what}不足{_KEY_BYTES}字节。")
    return raw


def _parse(text: str) -> dict[str, bytes]:
    """kid → material in ring order; ValueError carries one sentence that shows no key."""
    ring: dict[str, bytes] = {}
    for number, entry in enumerate(filter(None, map(str.strip, (text or "").split(","))), 1):
        kid, colon, encoded = entry.partition(":")
        if not colon or not _KID.fullmatch(kid):
            raise ValueError(
                f"FIELD_KEYS第{number}项应写成“编号:base64密钥”，编号为1至16位字母、数字、-或_。"
            )
        if kid in ring:
            raise ValueError(f"FIELD_KEYS中编号{kid}重复。")
        ring[kid] = _material(encoded, f"FIELD_KEYS中编号{kid}的密钥")
    if not ring:
        raise ValueError("未设置FIELD_KEYS，证件号码和电话无法加密保存。")
    return ring


def validate_keys(text: str, index_key: str = "", cipher: str = AES) -> None:
    """Raise ValueError with one plain sentence when the settings cannot work."""
    _parse(text)
    if index_key:
        _material(index_key, "INDEX_KEY")
    if cipher not in _TAGS:
        raise ValueError(f"FIELD_CIPHER只能是{AES}或{SM4}。")


def _derive(material: bytes, purpose: str, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt=None, info=purpose.encode()).derive(material)


def _digest(key: bytes, cipher: str) -> Callable[[str], str]:
    """text → keyed hash in hex, cut to INDEX_LENGTH."""
    if cipher == AES:
        return lambda text: hmac.digest(key, text.encode(), "sha256").hex()[:INDEX_LENGTH]
    keyed = HMAC(key, hashes.SM3())

    def sm3(text: str) -> str:
        once = keyed.copy()
        once.update(text.encode())
        return once.finalize().hex()[:INDEX_LENGTH]

    return sm3


class KeyRing:
    """The keys of one configuration; ciphers are built once and shared by all threads."""

    def __init__(self, keys: str, index_key: str = "", cipher: str = AES) -> None:
        validate_keys(keys, index_key, cipher)
        materials = _parse(keys)
        self.cipher = cipher
        self.kids = tuple(materials)
        self.current = self.kids[0]
        self._prefix = f"{_TAGS[cipher]}:{self.current}:"
        self._index_material = b64decode(index_key) if index_key else materials[self.kids[-1]]
        self._ciphers: dict[str, AESGCM | SM4GCM] = {}
        for kid, material in materials.items():
            self._ciphers[f"v1:{kid}"] = AESGCM(_derive(material, f"field {AES}", 32))
            self._ciphers[f"s1:{kid}"] = SM4GCM(_derive(material, f"field {SM4}", 16))
        self._encryptors: dict[str, Callable[[str], str]] = {}
        self._indexers: dict[str, Callable[[str], str]] = {}

    def seal(self, data: bytes, aad: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[self._prefix[:-1]].encrypt(nonce, data, aad.encode())

    def open(self, head: str, sealed: bytes, aad: str) -> bytes:
        """``head`` is ``tag:kid`` of the token."""
        cipher = self._ciphers.get(head)
        if cipher is None:
            raise Undecryptable("密文无法解开：密钥环中没有它的密钥。")
        try:
            return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], aad.encode())
        except (InvalidTag, ValueError):
            raise Undecryptable("密文无法解开：内容损坏，或不属于这一列。") from None

    def encryptor(self, aad: str) -> Callable[[str], str]:
        if aad not in self._encryptors:
            self._encryptors[aad] = self._build_encryptor(aad)
        return self._encryptors[aad]

    def _build_encryptor(self, aad: str) -> Callable[[str], str]:
        seal, prefix, bound, random = (
            self._ciphers[self._prefix[:-1]].encrypt,
            self._prefix,
            aad.encode(),
            os.urandom,
        )

        def encrypt_one(text: str) -> str:
            nonce = random(_NONCE)
            return prefix + b64encode(nonce + seal(nonce, text.encode(), bound)).decode("ascii")

        return encrypt_one

    def decrypt(self, token: str, aad: str) -> str:
        tag, _, rest = token.partition(":")
        kid, _, encoded = rest.partition(":")
        if tag not in _CIPHERS or not encoded:
            raise Undecryptable("密文无法解开：格式不正确。")
        try:
            sealed = b64decode(encoded, validate=True)
        except (Base64Error, ValueError):
            raise Undecryptable("密文无法解开：格式不正确。") from None
        return self.open(f"{tag}:{kid}", sealed, aad).decode()

    def indexer(self, purpose: str) -> Callable[[str], str]:
        if purpose not in self._indexers:
            self._indexers[purpose] = _digest(
                _derive(self._index_material, f"index {purpose}", 32), self.cipher
            )
        return self._indexers[purpose]

    def is_current(self, token: str) -> bool:
        return token.startswith(self._prefix)

    @property
    def prefix(self) -> str:
        """``tag:kid:``, what every fresh token begins with."""
        return self._prefix


@lru_cache(maxsize=8)
def _ring(keys: str, index_key: str, cipher: str) -> KeyRing:
    return KeyRing(keys, index_key, cipher)


def key_ring() -> KeyRing:
    """The ring of the current settings."""
    return _ring(
        settings.FIELD_KEYS, getattr(settings, "INDEX_KEY", "") or "", getattr(settings, "FIELD_CIPHER", AES)
    )


def encrypt(text: str, aad: str) -> str:
    """Text → token. ``aad`` is "table.column" and must be the same when decrypting."""
    return key_ring().encryptor(aad)(text)


def make_encryptor(aad: str) -> Callable[[str], str]:
    """`encrypt` with everything looked up once, for columns of a hundred thousand values."""
    return key_ring().encryptor(aad)


def decrypt(token: str, aad: str) -> str:
    """Token → text. Raises Undecryptable."""
    return key_ring().decrypt(token, aad)


def make_decryptor(aad: str) -> Callable[[str], str]:
    """`decrypt` with everything looked up once."""
    ring = key_ring()
    return lambda token: ring.decrypt(token, aad)


def encrypt_bytes(data: bytes, aad: str, level: int = zlib.Z_DEFAULT_COMPRESSION) -> bytes:
    """Compressed and encrypted blob: ``v1:kid:`` + nonce + ciphertext. Level 1 compresses three times as fast."""
    ring = key_ring()
    return ring.prefix.encode() + ring.seal(zlib.compress(data, level), aad)


def decrypt_bytes(blob: bytes, aad: str) -> bytes:
    """The bytes given to `encrypt_bytes`. Raises Undecryptable."""
    tag, kid, sealed = [*bytes(blob).split(b":", 2), b"", b""][:3]
    try:
        head = f"{tag.decode('ascii')}:{kid.decode('ascii')}"
    except UnicodeDecodeError:
        raise Undecryptable("密文无法解开：格式不正确。") from None
    return zlib.decompress(key_ring().open(head, sealed, aad))


def key_of(token: str | bytes) -> str:
    """``tag:kid`` of a token or blob: the cipher and key it was made with."""
    head = token[:24] if isinstance(token, str) else bytes(token[:24]).decode("ascii", "replace")
    return ":".join(head.split(":", 2)[:2])


def reseal(token: str, aad: str) -> str:
    """The token made anew with the current key."""
    return encrypt(decrypt(token, aad), aad)


def reseal_bytes(blob: bytes, aad: str) -> bytes:
    """The blob made anew with the current key, without unpacking what is inside."""
    ring, (tag, kid, sealed) = key_ring(), bytes(blob).split(b":", 2)
    return ring.prefix.encode() + ring.seal(ring.open(f"{tag.decode()}:{kid.decode()}", sealed, aad), aad)


def needs_rotation(token: str | bytes) -> bool:
    """True when a token or blob was made with another key or cipher than the current one."""
    head = bytes(token[:24]).decode("ascii", "replace") if not isinstance(token, str) else token
    return bool(token) and not key_ring().is_current(head)


def blind_index(text: str, purpose: str) -> str:
    """32 hex characters for exact search and uniqueness; ``purpose`` separates ID from phone. Normalise first."""
    return key_ring().indexer(purpose)(text)


def make_indexer(purpose: str) -> Callable[[str], str]:
    """`blind_index` with everything looked up once."""
    return key_ring().indexer(purpose)


class EncryptedTextField(models.TextField):
    """Plain text in Python, a token in the database; empty and NULL stay what they are.

    Equal texts have different tokens, so only ``isnull`` can be looked up: search by the blind index column.
    Renaming the table or column changes the AAD: name the old one in ``aad``.
    """

    def __init__(self, *args: Any, aad: str = "", **kwargs: Any) -> None:
        if any(kwargs.get(option) for option in ("unique", "db_index", "primary_key")):
            raise TypeError("An encrypted column cannot be unique or indexed: put a blind index beside it.")
        self.aad = aad
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        if self.aad:
            kwargs["aad"] = self.aad
        return name, path, args, kwargs

    @property
    def bound_to(self) -> str:
        """The AAD of this column."""
        return self.aad or f"{self.model._meta.db_table}.{self.column}"

    def from_db_value(self, value, expression, connection):
        return decrypt(value, self.bound_to) if value else value

    def get_db_prep_save(self, value, connection):
        value = super().get_db_prep_save(value, connection)
        return encrypt(value, self.bound_to) if isinstance(value, str) and value else value

    def get_lookup(self, lookup_name):
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(
            f"{self.name} is encrypted: only isnull can be looked up, search by its blind index."
        )

    def get_transform(self, lookup_name):
        raise FieldError(f"{self.name} is encrypted: {lookup_name} cannot be computed in the database.")


class EncryptedJSONField(EncryptedTextField):
    """JSON values in Python, one token in the database."""

    _pyi_private_get_type: Any  # what type checkers take the values for
    _pyi_private_set_type: Any

    def from_db_value(self, value, expression, connection):
        text = super().from_db_value(value, expression, connection)
        return json.loads(text) if text else text

    def get_prep_value(self, value):
        if value is None or isinstance(value, str):  # a string is JSON already
            return value
        return json.dumps(value, ensure_ascii=False)

    def to_python(self, value):
        return json.loads(value) if isinstance(value, str) else value
