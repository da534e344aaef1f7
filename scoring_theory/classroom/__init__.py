"""A page for the classroom: rewards, the sandbagging game, a small bandit and calibration.

    write_classroom(folder)   index.html and the certificates of the catalogue

The page is one file without a server or a network. Its scripts are the JavaScript files of this
folder; the verdicts in it are proved by the package when the page is made.
"""

from scoring_theory.classroom.page import classroom_files, write_classroom
from scoring_theory.classroom.proved_entries import proved_entry
from scoring_theory.classroom.serving import page_server

__all__ = ["classroom_files", "page_server", "proved_entry", "write_classroom"]
