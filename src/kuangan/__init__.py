"""KuangAn 矿安: mine-safety supervision that runs what the policy documents say."""

__version__ = "0.1.0"
