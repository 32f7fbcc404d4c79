import base64
import zlib

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.exceptions import FieldError
from django.db import connection, models
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lib import crypto
from lib.crypto import EncryptedTextField, KeyRing, Undecryptable

OLD, NEW, INDEX = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
AAD = "ledgers_laborer.id_no"
ID = "990101199001010019"
CIPHERS = ["AES-256-GCM", "SM4-GCM"]


@pytest.fixture(params=CIPHERS)
def cipher(request, settings):
    settings.FIELD_KEYS, settings.INDEX_KEY, settings.FIELD_CIPHER = f"old:{OLD}", "", request.param
    return request.param


class Secret(models.Model):
    id_no = EncryptedTextField(null=True)

    class Meta:
        app_label = "lib_crypto_tests"


@pytest.fixture
def secrets(db, cipher):
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE "{Secret._meta.db_table}" (id bigint PRIMARY KEY, id_no text)')
    return Secret.objects.order_by("id")


def stored(pk):
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id_no FROM "{Secret._meta.db_table}" WHERE id = %s', [pk])
        return cursor.fetchone()[0]


def test_a_token_opens_again_and_hides_the_text(cipher):
    token = crypto.encrypt(ID, AAD)
    assert token.startswith({"AES-256-GCM": "v1:old:", "SM4-GCM": "s1:old:"}[cipher])
    assert ID not in token
    assert crypto.encrypt(ID, AAD) != token
    assert crypto.decrypt(token, AAD) == crypto.make_decryptor(AAD)(token) == ID
    assert crypto.decrypt(crypto.make_encryptor(AAD)(ID), AAD) == ID


@given(text=st.text(max_size=200), data=st.binary(max_size=200))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_text_and_bytes_come_back(cipher, text, data):
    assert crypto.decrypt(crypto.encrypt(text, AAD), AAD) == text
    assert crypto.decrypt_bytes(crypto.encrypt_bytes(data, AAD), AAD) == data


def test_a_blob_is_compressed_before_it_is_encrypted(cipher):
    assert len(crypto.encrypt_bytes(b"0" * 100_000, AAD)) < 1_000


def test_a_token_of_another_column_does_not_open(cipher):
    with pytest.raises(Undecryptable):
        crypto.decrypt(crypto.encrypt(ID, AAD), "ledgers_laborer.phone")
    with pytest.raises(Undecryptable):
        crypto.decrypt_bytes(crypto.encrypt_bytes(b"x", AAD), "other.column")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-6] + ("A" if token[-6] != "A" else "B") + token[-5:],
        lambda token: token.replace("old", "lost"),
        lambda token: token[:20],
        lambda token: "plain text",
        lambda token: token.split(":")[0] + ":old:€€",
        lambda token: "v9" + token[2:],
    ],
)
def test_a_spoiled_token_is_refused_without_being_shown(cipher, spoil):
    token = spoil(crypto.encrypt(ID, AAD))
    with pytest.raises(Undecryptable) as caught:
        crypto.decrypt(token, AAD)
    assert token not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    "blob", [b"", b"v1", b"v1:old:", b"\xff\xfe:\xff:x", b"v1:old:" + b"0" * 40, zlib.compress(b"x")]
)
def test_a_spoiled_blob_is_refused(cipher, blob):
    with pytest.raises(Undecryptable):
        crypto.decrypt_bytes(blob, AAD)


def test_rotation_keeps_old_tokens_readable_and_indexes_stable(cipher, settings):
    token, blob, index = (
        crypto.encrypt(ID, AAD),
        crypto.encrypt_bytes(b"x", AAD),
        crypto.blind_index(ID, "id"),
    )
    assert not crypto.needs_rotation(token)
    assert not crypto.needs_rotation(blob)

    settings.FIELD_KEYS = f"new:{NEW},old:{OLD}"
    assert crypto.needs_rotation(token)
    assert crypto.needs_rotation(blob)
    assert crypto.blind_index(ID, "id") == index
    fresh = crypto.encrypt(crypto.decrypt(token, AAD), AAD)
    assert not crypto.needs_rotation(fresh)

    settings.FIELD_KEYS, settings.INDEX_KEY = f"new:{NEW}", OLD
    assert crypto.decrypt(fresh, AAD) == ID
    assert crypto.blind_index(ID, "id") == index
    with pytest.raises(Undecryptable):
        crypto.decrypt(token, AAD)


def test_a_change_of_cipher_leaves_old_tokens_readable(settings):
    settings.FIELD_KEYS, settings.INDEX_KEY, settings.FIELD_CIPHER = f"k:{OLD}", INDEX, "AES-256-GCM"
    token, index = crypto.encrypt(ID, AAD), crypto.blind_index(ID, "id")
    settings.FIELD_CIPHER = "SM4-GCM"
    assert crypto.decrypt(token, AAD) == ID
    assert crypto.needs_rotation(token)
    assert crypto.blind_index(ID, "id") != index


def test_an_index_is_short_stable_and_kept_apart_by_purpose(cipher, settings):
    index = crypto.blind_index(ID, "id")
    assert len(index) == 32
    assert int(index, 16) >= 0
    assert crypto.make_indexer("id")(ID) == index
    assert crypto.blind_index(ID, "phone") != index
    assert crypto.blind_index("990101195506150027", "id") != index
    settings.INDEX_KEY = INDEX
    assert crypto.blind_index(ID, "id") != index


def test_configured_bytes_are_never_the_cipher_key(cipher):
    _, _, encoded = crypto.encrypt(ID, AAD).split(":")
    sealed = base64.b64decode(encoded)
    with pytest.raises(InvalidTag):
        AESGCM(base64.b64decode(OLD)).decrypt(sealed[:12], sealed[12:], AAD.encode())


@pytest.mark.parametrize(
    ("keys", "index", "cipher", "sentence"),
    [
        ("", "", "AES-256-GCM", "未设置FIELD_KEYS"),
        (OLD, "", "AES-256-GCM", "第1项应写成"),
        (f"k:{OLD},:{NEW}", "", "AES-256-GCM", "第2项应写成"),
        (f"k:{OLD},k:{NEW}", "", "AES-256-GCM", "编号k重复"),
        ("k:not base64!", "", "AES-256-GCM", "不是有效的base64"),
        ("k:c2hvcnQ=", "", "AES-256-GCM", "不足32字节"),
        (f"k:{OLD}", "c2hvcnQ=", "AES-256-GCM", "INDEX_KEY不足32字节"),
        (f"k:{OLD}", "", "DES", "FIELD_CIPHER只能是"),
    ],
)
def test_unusable_keys_are_named_in_one_sentence(keys, index, cipher, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        crypto.validate_keys(keys, index, cipher)
    assert OLD not in str(caught.value)
    assert str(caught.value).count("。") == 1


def test_a_new_key_is_usable():
    ring = KeyRing(f"k1:{crypto.new_key()}, k0:{crypto.new_key()}")
    assert (ring.current, ring.kids) == ("k1", ("k1", "k0"))
    assert ring.decrypt(ring.encryptor(AAD)(ID), AAD) == ID


def test_a_column_is_plain_in_python_and_a_token_in_the_database(secrets):
    Secret.objects.create(id=1, id_no=ID)
    Secret.objects.bulk_create([Secret(id=2, id_no=ID), Secret(id=3, id_no=None), Secret(id=4, id_no="")])
    assert list(secrets.values_list("id_no", flat=True)) == [ID, ID, None, ""]
    assert stored(1)[2:7] == ":old:"
    assert len({stored(1), stored(2), ID}) == 3
    assert stored(3) is None
    assert crypto.decrypt(stored(1), f"{Secret._meta.db_table}.id_no") == ID
    assert [s.id for s in secrets.filter(id_no__isnull=True)] == [3]


def test_every_way_of_updating_encrypts(secrets):
    rows = [Secret(id=n, id_no="x") for n in range(3)]
    Secret.objects.bulk_create(rows)
    rows[0].id_no = ID
    rows[0].save()
    rows[1].id_no = ID
    Secret.objects.bulk_update(rows[:2], ["id_no"])
    secrets.filter(id=2).update(id_no=ID)
    assert {s.id_no for s in secrets} == {ID}
    assert all(stored(n)[2:7] == ":old:" for n in range(3))


@pytest.mark.parametrize(
    "lookup", ["id_no", "id_no__in", "id_no__contains", "id_no__gt", "id_no__length__gt"]
)
def test_an_encrypted_column_cannot_be_searched(secrets, lookup):
    with pytest.raises(FieldError, match="encrypted"):
        secrets.filter(**{lookup: [ID]}).exists()


def test_the_field_survives_a_migration():
    assert Secret._meta.get_field("id_no").deconstruct()[1:] == (
        "lib.crypto.EncryptedTextField",
        [],
        {"null": True},
    )
    assert EncryptedTextField(aad="old.name").deconstruct()[3] == {"aad": "old.name"}
    assert EncryptedTextField(aad="old.name").bound_to == "old.name"
    with pytest.raises(TypeError, match="blind index"):
        EncryptedTextField(unique=True)
