"""Surfaces of bones from the files OpenSim models name: .vtp, .obj and .stl, read without a graphics library."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from workbench.core.errors import ModelError
from workbench.core.types import Array

Triangles = NDArray[np.uint32]


def read_mesh(file: Path) -> tuple[Array, Triangles]:
    """Read the vertices (v, 3) and triangles (t, 3) of a surface; polygons are cut into fans.

    Raises
    ------
    ModelError
        If the file is not a surface in a supported format.
    """
    readers = {".vtp": _read_vtp, ".obj": _read_obj, ".stl": _read_stl}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise ModelError("only .vtp, .obj and .stl surfaces can be read.", where=file.name)
    try:
        vertices, triangles = reader(file)
    except (ValueError, IndexError, ElementTree.ParseError) as error:
        raise ModelError(f"the surface cannot be read: {error}", where=file.name) from None
    if not len(triangles) or not np.isfinite(vertices).all() or triangles.max() >= len(vertices):
        raise ModelError("the surface is empty or refers to missing vertices.", where=file.name)
    return vertices, triangles


def vertex_normals(vertices: Array, triangles: Triangles) -> Array:
    """Unit normals (v, 3): of the triangles round each place, by area; vertices at one place share theirs."""
    corners = vertices[triangles]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    _, place = np.unique(np.round(vertices, 6), axis=0, return_inverse=True)
    place = place.reshape(-1)
    total = np.zeros((place.max() + 1, 3))
    for corner in range(3):
        np.add.at(total, place[triangles[:, corner]], face)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return (total / np.where(length > 0.0, length, 1.0))[place]


def _fans(corners: NDArray[np.int64], ends: NDArray[np.int64]) -> Triangles:
    """Triangles of polygons whose corners follow each other; `ends` is where each polygon stops."""
    starts = np.concatenate([[0], ends])[:-1]
    fans = [
        (corners[start], corners[k], corners[k + 1])
        for start, end in zip(starts, ends, strict=True)
        for k in range(start + 1, end - 1)
    ]
    return np.array(fans, dtype=np.uint32).reshape(-1, 3)


def _read_vtp(file: Path) -> tuple[Array, Triangles]:
    pieces = ElementTree.parse(file).getroot().findall("PolyData/Piece")
    vertices, triangles, count = [], [], 0
    for piece in pieces:
        points = _vtp_numbers(piece.find("Points/DataArray")).reshape(-1, 3)
        corners = _vtp_numbers(piece.find("Polys/DataArray[@Name='connectivity']")).astype(np.int64)
        ends = _vtp_numbers(piece.find("Polys/DataArray[@Name='offsets']")).astype(np.int64)
        vertices.append(points)
        triangles.append(_fans(corners + count, ends))
        count += len(points)
    if not pieces:
        raise ValueError("it contains no polygons")
    return np.concatenate(vertices), np.concatenate(triangles)


def _vtp_numbers(array: ElementTree.Element | None) -> Array:
    if array is None:
        raise ValueError("points or polygons are missing")
    if array.get("format", "ascii") != "ascii":
        raise ValueError("its numbers are binary; save it as ASCII")
    return np.array((array.text or "").split(), dtype=float)


def _read_obj(file: Path) -> tuple[Array, Triangles]:
    vertices, corners, ends = [], [], []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        kind, *words = line.split() or [""]
        if kind == "v":
            vertices.append([float(word) for word in words[:3]])
        elif kind == "f":
            numbers = [int(word.split("/")[0]) for word in words]
            corners += [number - 1 if number > 0 else len(vertices) + number for number in numbers]
            ends.append(len(corners))
    triangles = _fans(np.array(corners, dtype=np.int64), np.array(ends, dtype=np.int64))
    return np.array(vertices, dtype=float).reshape(-1, 3), triangles


_STL_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("unused", "<u2")])


def _read_stl(file: Path) -> tuple[Array, Triangles]:
    data = file.read_bytes()
    count = int.from_bytes(data[80:84], "little")
    if len(data) == 84 + count * _STL_TRIANGLE.itemsize:
        corners = np.frombuffer(data, _STL_TRIANGLE, offset=84)["corners"].astype(float)
    else:
        words = [line.split() for line in data.decode("utf-8", errors="replace").splitlines()]
        corners = np.array([word[1:4] for word in words if word[:1] == ["vertex"]], dtype=float)
    vertices = corners.reshape(-1, 3)
    return vertices, np.arange(len(vertices) // 3 * 3, dtype=np.uint32).reshape(-1, 3)
