"""Sweeps: run many experiments on any executor, store them, resume after interruption, and export.

    >>> from simulations import standard_experiments
    >>> from simulations.sweep import sweep
    >>> [record.name for record in sweep(standard_experiments("short")[:3])]
    ['binary', 'rlcr', 'c + spherical']

`sweep` runs experiments, `Store` keeps their results in a file, `bar` shows the progress, and
`to_parquet` and `to_xarray` export records.
"""

from simulations.sweep.identity import code_version, key_of
from simulations.sweep.schedule import SweepError, sweep
from simulations.sweep.shelves import StoredRecords
from simulations.sweep.store import Store, StoreError
from simulations.sweep.tables import to_parquet, to_xarray
from simulations.sweep.watch import SweepStatus, bar

__all__ = [
    "Store",
    "StoreError",
    "StoredRecords",
    "SweepError",
    "SweepStatus",
    "bar",
    "code_version",
    "key_of",
    "sweep",
    "to_parquet",
    "to_xarray",
]
