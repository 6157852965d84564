"""What supervising bodies do at mines. So far: the ledger of their arrivals, entered once they are there and seen by no mine."""
