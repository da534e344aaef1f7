"""`scoring-theory classroom`: a page for teaching, in one folder, without a server or a network."""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from scoring_theory.cli import paths
from scoring_theory.cli.parser import CommandDefinition, UsageError

_LARGEST_PORT = 65_535


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    from scoring_theory.catalogue import CATALOGUE

    names = ["index.html", *(f"certificates/{key}.json" for key in CATALOGUE)]
    parser.add_argument(
        "-o",
        "--out",
        type=lambda text: paths.folder(text, names),
        metavar="DIR",
        help="the folder to write; open DIR/index.html in a browser",
    )
    parser.add_argument(
        "--serve", action="store_true", help="show the page on 127.0.0.1 until Ctrl-C"
    )
    parser.add_argument(
        "--port", type=_port, default=0, metavar="N", help="the port of --serve (a free one)"
    )
    paths.add_writing(parser)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to {_LARGEST_PORT}, got {text!r}")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    """Write the folder, and serve it if asked."""
    if options.out is None and not options.serve:
        raise UsageError("give a folder with --out DIR, or show the page with --serve")
    if options.port and not options.serve:
        raise UsageError("--port is the port of --serve; give both")
    if options.out is not None:
        options.out.require_free(force=options.force)
        page = _written(options.out.claim(), options)
        print(f"{page}: open it in a browser; it needs no server and no network")
        if options.serve:
            _serve(page.parent, options.port)
        return 0
    with TemporaryDirectory() as folder:
        _serve(_written(Path(folder), options).parent, options.port)
    return 0


def _written(folder: Path, options: argparse.Namespace) -> Path:
    from scoring_theory.classroom import write_classroom
    from scoring_theory.cli.terminal import working

    with working("proving the verdicts of the catalogue", quiet=options.quiet):
        return write_classroom(folder)


def _serve(folder: Path, port: int) -> None:
    from scoring_theory.classroom import page_server

    try:
        server = page_server(folder, port)
    except OSError as error:
        raise UsageError(f"cannot listen on port {port}: {error.strerror}") from None
    with server:
        print(f"http://127.0.0.1:{server.server_port}/  (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


CLASSROOM_COMMAND = CommandDefinition(
    description="""\
Write a page for teaching: choose or type a reward and see its payoffs, its expected reward with the
failure zones and its verdict; play the game of being wrong on purpose; train a small model and
watch its confidence; measure a table of your own forecasts. Everything runs in the browser, from
one folder, without a server or a network.

The verdicts of the catalogue are proved while the page is made, and their certificates are written
beside it. Other formulas are evaluated numerically in the page, which says so.""",
    examples="""\
examples:
  scoring-theory classroom --out lesson              then open lesson/index.html
  scoring-theory classroom --serve                   on this machine, at a free port
  scoring-theory classroom --out lesson --serve --port 8000""",
    exit_codes={0: "the folder is written, or was served"},
    add_arguments=_add_arguments,
    run=_run,
)
