"""What mines send: formats to columns, gateways, spool, archive and ledger."""
