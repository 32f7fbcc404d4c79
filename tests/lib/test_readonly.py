import pytest
from django.db import connection, models, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from lib.readonly import ReadOnlyMiddleware, WriteInGet, writes_refused, written_table

requests = RequestFactory()


class Note(models.Model):
    text = models.TextField()

    class Meta:
        app_label = "lib_readonly_tests"


@pytest.fixture
def notes(db, settings):
    settings.READONLY_ALLOWED_TABLES = {"django_session"}
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE "{Note._meta.db_table}" (id bigint PRIMARY KEY, text text)')
    Note.objects.create(id=1, text="旧")
    return Note.objects.order_by("id")


def answer(method, view):
    return ReadOnlyMiddleware(view)(requests.generic(method, "/"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize(
    "write",
    [
        lambda notes: notes.create(id=2, text="新"),
        lambda notes: notes.filter(id=1).update(text="新"),
        lambda notes: notes.filter(id=1).delete(),
        lambda notes: notes.bulk_create([Note(id=2, text="新")], ignore_conflicts=True),
    ],
)
def test_a_reading_request_cannot_write(notes, method, write):
    with pytest.raises(WriteInGet, match=Note._meta.db_table) as caught, transaction.atomic():
        answer(method, lambda request: write(notes))
    assert "新" not in str(caught.value)
    assert [n.text for n in notes] == ["旧"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_writing_request_writes(notes, method):
    answer(method, lambda request: HttpResponse(str(notes.update(text="新"))))
    assert notes.get().text == "新"


def test_a_reading_request_reads_and_locks_nothing_afterwards(notes):
    response = answer("GET", lambda request: HttpResponse(notes.get().text))
    assert response.content.decode() == "旧"
    notes.update(text="新")


def test_an_error_in_a_view_leaves_writing_possible(notes):
    with pytest.raises(ZeroDivisionError):
        answer("GET", lambda request: 1 / 0)
    notes.update(text="新")


def test_allowed_tables_may_be_written(notes, settings):
    settings.READONLY_ALLOWED_TABLES = {Note._meta.db_table}
    answer("GET", lambda request: HttpResponse(str(notes.update(text="新"))))
    assert notes.get().text == "新"


def test_a_streamed_body_reads_but_cannot_write(notes):
    def rows(request):
        def body():
            yield notes.get().text
            notes.update(text="新")
            yield "never"

        return StreamingHttpResponse(body())

    chunks = iter(answer("GET", rows).streaming_content)
    assert next(chunks).decode() == "旧"
    Note.objects.create(id=2, text="between two chunks")
    with pytest.raises(WriteInGet), transaction.atomic():
        next(chunks)
    assert notes.first().text == "旧"


def test_an_abandoned_stream_is_closed_and_leaves_no_guard(notes):
    closed = []

    def body():
        try:
            yield "one"
            yield "two"
        finally:
            closed.append(True)

    response = answer("GET", lambda request: StreamingHttpResponse(body()))
    next(iter(response.streaming_content))
    response.close()
    assert closed == [True]
    assert connection.execute_wrappers == []


def test_schema_changes_are_refused(notes):
    with pytest.raises(WriteInGet, match="DROP"), writes_refused(), connection.cursor() as cursor:
        cursor.execute(f'DROP TABLE "{Note._meta.db_table}"')


@pytest.mark.parametrize(
    ("sql", "change"),
    [
        ("SELECT 1", None),
        ("  ( select 1 )", None),
        ("/* note */ -- line\nSELECT 'UPDATE t SET a'", None),
        ("SELECT * FROM t FOR UPDATE", None),
        ("WITH x AS (SELECT 1) SELECT * FROM x FOR UPDATE OF x", None),
        ('SAVEPOINT "s1"', None),
        ("PRAGMA foreign_keys", None),
        ("EXPLAIN SELECT 1", None),
        ("", None),
        ('INSERT INTO "t" ("a") VALUES (1)', ("INSERT", "t")),
        ('INSERT OR IGNORE INTO "t" VALUES (1)', ("INSERT", "t")),
        ("REPLACE INTO t VALUES (1)", ("REPLACE", "t")),
        ('update "public"."t" set a = 1', ("UPDATE", "t")),
        ('/* hidden */ DELETE FROM ONLY "t"', ("DELETE", "t")),
        ("MERGE INTO t USING s ON true", ("MERGE", "t")),
        ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", ("DELETE", "t")),
        ("EXPLAIN ANALYZE UPDATE t SET a = 1", ("UPDATE", "t")),
        ("TRUNCATE t", ("TRUNCATE", "")),
        ("CREATE TABLE t (a int)", ("CREATE", "")),
        ("VACUUM", ("VACUUM", "")),
    ],
)
def test_a_statement_is_judged_by_what_it_changes(sql, change):
    assert written_table(sql) == change
