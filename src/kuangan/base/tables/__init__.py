"""The five page shells and what lists share: filters, keyset pages, columns, Excel export."""
