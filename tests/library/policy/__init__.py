"""The policy floor: documents as data, official texts read and compared."""
