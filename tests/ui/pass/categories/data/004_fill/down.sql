DELETE FROM prices;
