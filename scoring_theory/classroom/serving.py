"""A server for the page, for browsers that do not open files."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer

HOST = "127.0.0.1"


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Requests are not reported."""


class _Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        """Take the port without asking the network for the name of this machine."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = HOST, self.server_address[1]


def page_server(folder: str | Path, port: int = 0) -> ThreadingHTTPServer:
    """A server of a folder on 127.0.0.1, for this machine alone.

    Args:
        folder: The folder with the page.
        port: A port; 0 means any free one.

    Returns:
        The server; `serve_forever()` runs it, `server_port` is its port.

    Raises:
        OSError: The port is taken or not allowed.

    Example:
        >>> with page_server(".") as server:
        ...     server.server_port > 0
        True
    """
    return _Server((HOST, port), partial(_Handler, directory=str(folder)))
