"""Many experiments: on any executor, into a store that survives being killed, and out to other tools.

    >>> from simulations import standard_experiments
    >>> from simulations.sweep import sweep
    >>> [record.name for record in sweep(standard_experiments("short")[:3])]
    ['binary', 'rlcr', 'c + spherical']

`sweep` runs; `Store` keeps and reads; `bar` shows; `to_parquet` and `to_xarray` export.
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
