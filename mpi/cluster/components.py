"""Connected components of links."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def components(
    n: int, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Connected components of `n` rows.

    Returns
    -------
    int64[n]
        The smallest row of each row's component, whatever the order of the links.

    Examples
    --------
    >>> components(5, np.array([3, 1]), np.array([4, 3])).tolist()
    [0, 1, 2, 1, 1]
    """
    from mpi.cluster._kernels import union_links

    parent = np.arange(n, dtype=np.int64)
    union_links(parent, left.astype(np.int64), right.astype(np.int64))
    return parent
