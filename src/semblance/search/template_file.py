"""Ready templates in a file, NumPy matrix or Parquet table, and a manifest that says which pack made them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from semblance.errors import DependencyMissing, ManifestError, UnusableText
from semblance.search.numpy_files import DAMAGED
from semblance.terms.ids import PackDigest
from semblance.terms.samples import Metric, Template

_KEYS: Final = frozenset({"pack", "metric", "file", "column"})
_COLUMN: Final = "template"
_DIGITS: Final = 64
_UNIT: Final = 1e-3
"""A template that is compared by cosine has the length 1; so much more or less is rounding to 16 bits."""


class TemplateFile:
    """Rows of numbers, read when they are asked for; thread-safe."""

    def __init__(self, path: Path, kind: Template, count: int, read: Callable[[int], NDArray[np.generic]]) -> None:
        self._path, self._kind, self._read = path, kind, read
        self.count = count

    @property
    def pack(self) -> PackDigest:
        """Return the pack that made the templates, as the manifest says."""
        return self._kind.pack

    @property
    def metric(self) -> Metric:
        """Return how they are compared."""
        return self._kind.metric

    @property
    def dimension(self) -> int:
        """Return how many numbers each has."""
        return self._kind.dimension

    def read(self, row: int) -> Template:
        """Return the template of a row, counted from 0.

        Raises UnusableText where there is no such row, or it is no template: numbers that are not finite, or, compared
        by cosine, not of length 1.
        """
        if not 0 <= row < self.count:
            raise UnusableText(
                "operator.templates.no-row",
                "{name} has no row {row}; its rows are numbered 0 to {last}.",
                name=self._path.name,
                row=row,
                last=self.count - 1,
            )
        try:
            values = self._read(row).astype(np.float32)
        except DAMAGED as error:
            raise UnusableText(
                "operator.templates.row-unreadable",
                "Row {row} of {name} cannot be read: {error}.",
                row=row,
                name=self._path.name,
                error=error,
            ) from error
        if not np.isfinite(values).all():
            raise UnusableText(
                "operator.templates.row-not-finite",
                "Row {row} of {name} holds numbers that are not finite.",
                row=row,
                name=self._path.name,
            )
        length = float(np.linalg.norm(values.astype(np.float64)))
        if self.metric is Metric.COSINE and abs(length - 1) > _UNIT:
            raise UnusableText(
                "operator.templates.row-length",
                "Row {row} of {name} has the length {length:.4g}; a template has 1.",
                row=row,
                name=self._path.name,
                length=length,
            )
        return Template(self.pack, self.metric, self.dimension, values.astype("<f4").tobytes())


def open_template_file(manifest: Path) -> TemplateFile:
    """Open the file that a manifest names beside it.

    The manifest is JSON: ``pack`` (the digest), ``metric`` (cosine or euclidean), ``file``, and for Parquet perhaps
    ``column`` (template). NumPy: shape (rows, dimension), float16, float32 or float64. Raises ManifestError,
    DependencyMissing where Parquet is read without pyarrow.
    """
    content = _read_manifest(manifest)
    path = manifest.parent / str(content["file"])
    if not _is_beside(path, manifest):
        raise ManifestError(
            "operator.templates.no-file",
            "{manifest} names {file}, and there is no such file beside it.",
            manifest=manifest,
            file=content["file"],
        )
    if path.suffix == ".npy":
        count, dimension, read = _open_numpy(path)
    elif path.suffix == ".parquet":
        count, dimension, read = _open_parquet(path, str(content.get("column", _COLUMN)))
    else:
        raise ManifestError(
            "operator.templates.unknown-format",
            "{path} is neither a NumPy file (.npy) nor a Parquet table (.parquet).",
            path=path,
        )
    kind = Template(PackDigest(str(content["pack"])), Metric(str(content["metric"])), dimension, b"")
    return TemplateFile(path, kind, count, read)


def _is_beside(path: Path, manifest: Path) -> bool:
    try:
        return path.parent.resolve() == manifest.parent.resolve() and path.is_file()
    except (OSError, ValueError):
        # no name that a file can have
        return False


def _read_manifest(manifest: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ManifestError(
            "operator.templates.no-json", "{manifest} cannot be read as JSON ({error}).", manifest=manifest, error=error
        ) from error
    if not isinstance(content, dict) or not {"pack", "metric", "file"} <= content.keys() <= _KEYS:
        raise ManifestError(
            "operator.templates.bad-manifest",
            "{manifest} must say pack, metric and file, perhaps column, and nothing else.",
            manifest=manifest,
        )
    digest = str(content["pack"])
    if len(digest) != _DIGITS or not set(digest) <= set("0123456789abcdef"):
        raise ManifestError(
            "operator.templates.bad-pack",
            "{manifest}: the pack is the digest that `semblance models list --json` shows, 64 digits.",
            manifest=manifest,
        )
    if str(content["metric"]) not in {metric.value for metric in Metric}:
        raise ManifestError(
            "operator.templates.bad-metric",
            "{manifest}: the metric is cosine or euclidean, not '{metric}'.",
            manifest=manifest,
            metric=content["metric"],
        )
    return content


def _open_numpy(path: Path) -> tuple[int, int, Callable[[int], NDArray[np.generic]]]:
    try:
        matrix = np.lib.format.open_memmap(path, mode="r")
    except DAMAGED as error:
        raise ManifestError(
            "operator.templates.no-numpy", "{path} is no NumPy matrix ({error}).", path=path, error=error
        ) from error
    if matrix.ndim != 2 or matrix.dtype.kind != "f" or not matrix.shape[1]:
        raise ManifestError(
            "operator.templates.no-matrix",
            "{path} is no matrix of floating-point rows; its shape is {shape}, {dtype}.",
            path=path,
            shape=matrix.shape,
            dtype=matrix.dtype,
        )
    return matrix.shape[0], matrix.shape[1], lambda row: np.asarray(matrix[row])


def _open_parquet(path: Path, column: str) -> tuple[int, int, Callable[[int], NDArray[np.generic]]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise DependencyMissing(
            "operator.templates.no-pyarrow",
            "Parquet needs the package pyarrow: pip install 'semblance-faces[parquet]'.",
        ) from error
    try:
        table: Any = parquet.ParquetFile(path)
        if column not in table.schema_arrow.names:
            raise ManifestError(
                "operator.templates.no-column",
                "{path} has no column '{column}'; its columns: {names}.",
                path=path,
                column=column,
                names=table.schema_arrow.names,
            )
        groups = _Groups(table, column)
        first = groups.read(0) if groups.count else np.empty(0)
    except (ArrowException, *DAMAGED) as error:
        raise ManifestError(
            "operator.templates.no-parquet",
            "{path} is no Parquet table with rows of numbers in '{column}' ({error}).",
            path=path,
            column=column,
            error=error,
        ) from error
    return groups.count, len(first), groups.read


class _Groups:
    """One row group at a time: rows are asked for in about their order, and a table may not fit into memory."""

    def __init__(self, table: Any, column: str) -> None:
        self._table, self._column = table, column
        sizes = [table.metadata.row_group(number).num_rows for number in range(table.num_row_groups)]
        self._starts = np.cumsum([0, *sizes])
        self.count = int(self._starts[-1])
        self._lock = Lock()
        self._held: dict[int, NDArray[np.generic]] = {}

    def read(self, row: int) -> NDArray[np.generic]:
        group = int(np.searchsorted(self._starts, row, side="right")) - 1
        with self._lock:
            if group not in self._held:
                column = self._table.read_row_group(group, columns=[self._column]).column(0).combine_chunks()
                count = len(column)
                if count != self._starts[group + 1] - self._starts[group]:
                    raise ValueError("it has another number of rows than it says")
                if not hasattr(column, "flatten"):
                    raise ValueError("it holds no lists")
                flat = column.flatten().to_numpy(zero_copy_only=False)
                if flat.dtype.kind != "f" or not count or len(flat) % count:
                    raise ValueError("its rows are no lists of as many floating-point numbers each")
                # two, for threads at either side of a border
                self._held = {**dict(list(self._held.items())[-1:]), group: flat.reshape(count, -1)}
            values: NDArray[np.generic] = self._held[group][row - int(self._starts[group])]
        return values
