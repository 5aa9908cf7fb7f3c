/* at last */ END -- of it
TRANSACTION;
