"""gunicorn's threaded worker with patience: threads are for whole requests that somebody still waits for.

    gunicorn config.wsgi --worker-class config.worker.PatientWorker

A thread of the plain worker waits five seconds for the first byte of a connection and without end for the rest of its
head, so that a few slow sockets stop the pages of everybody. Here the main loop waits.

When more people ask than can be answered, the plain worker answers in the order of asking, which soon means everybody
after they have left or pressed reload. Here whoever asked last comes first while the oldest has waited too long, and
whoever hung up before their turn is dropped: a save that nobody was told of is not done late either.
"""

from __future__ import annotations

import errno
import queue
import select
import selectors
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

HEAD_SECONDS = 10.0  # within which the head of a request must be there
HEAD_BYTES = 65_536  # a longer head is left to gunicorn, which refuses it
LATE_SECONDS = 2.0  # a page that waited so long comes too late for many
LOOK_SECONDS = 0.5  # between two looks at a head that comes in pieces
PASSING = {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED}


def has_head(sock: socket.socket) -> bool:
    """Whether a thread can read the head of a request without waiting, or nothing more will come."""
    try:
        waiting = sock.recv(HEAD_BYTES, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return not waiting or b"\r\n\r\n" in waiting or len(waiting) == HEAD_BYTES


def is_left(sock: socket.socket) -> bool:
    """Whether whoever asked has hung up since."""
    hung_up = select.poll()
    hung_up.register(sock, select.POLLRDHUP)
    return bool(hung_up.poll(0))


class FreshFirst(queue.Queue):
    """In order of arrival until the first has waited LATE_SECONDS, then the newest first."""

    def _put(self, item: object) -> None:
        self.queue.append((time.monotonic(), item))

    def _get(self) -> object:
        late = time.monotonic() - self.queue[0][0] > LATE_SECONDS
        return (self.queue.pop() if late else self.queue.popleft())[1]


class PatientWorker(ThreadWorker):
    """The threaded worker, whose main loop waits for the heads of requests."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.in_pieces: list[TConn] = []
        self.looked = 0.0

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Threads that take their work from a queue with the newest first when it is late."""
        pool = super().get_thread_pool()
        pool._work_queue = FreshFirst()
        return pool

    def accept(self, listener: socket.socket) -> None:
        """Take a connection and watch it; a thread gets it once the head is there."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in PASSING:
                return
            raise
        self.nr_conns += 1
        self._await_head(TConn(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """The next request of a connection that was kept open."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await_head(conn)

    def _await_head(self, conn: TConn) -> None:
        conn.timeout = time.monotonic() + HEAD_SECONDS
        self.pending_conns.append(conn)
        self._watch(conn)

    def _watch(self, conn: TConn) -> None:
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, readable)

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """A whole head goes to a thread; half a head, which would be readable all the time, is put aside."""
        if has_head(conn.sock):
            super().on_pending_socket_readable(conn, client)
        else:
            self.poller.unregister(client)
            self.in_pieces.append(conn)

    def murder_pending(self) -> None:
        """Close those whose head took too long (a stopping worker hardly waits), look again at those in pieces."""
        if not self.alive:
            for conn in self.pending_conns:
                conn.timeout = min(conn.timeout, time.monotonic() + LOOK_SECONDS)
        super().murder_pending()
        if time.monotonic() - self.looked < LOOK_SECONDS:
            return
        self.looked = time.monotonic()
        aside, self.in_pieces = self.in_pieces, []
        still = set(map(id, self.pending_conns))
        for conn in aside:
            if id(conn) in still:
                self._watch(conn)

    def handle(self, conn: TConn):
        """In a thread: answer, unless nobody is there to read it."""
        return False if is_left(conn.sock) else super().handle(conn)
