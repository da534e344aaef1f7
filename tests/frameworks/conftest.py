"""The scripts of this folder run in the frameworks' environments; pytest, in search of doctests,
leaves them alone.
"""

from pathlib import Path

collect_ignore = [
    path.name for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_")
]
