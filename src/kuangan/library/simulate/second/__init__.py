"""A second source of labelled trials: other equations than the first, another hand, its own writer of wire text.

Gas is carried along galleries by advection and dispersion from sources that a shearer and the barometer drive; instruments lag,
drift and saturate; links lose files in bursts; people walk a graph of base stations.
"""

from kuangan.library.simulate.second.workings import Workings

__all__ = ["Workings"]
