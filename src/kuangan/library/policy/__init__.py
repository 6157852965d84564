"""The policy documents as data: nodes, owners, deadlines, thresholds, measures; and the reader of their official text."""

from kuangan.library.policy.load import Broken, Library, load_document, shipped
from kuangan.library.policy.schema import Document, Node

__all__ = ["Broken", "Document", "Library", "Node", "load_document", "shipped"]
