CREATE TABLE orders(
    id INTEGER PRIMARY KEY,
    price REAL,
);

CREATE TABLE prices(a, b, A);

INSERT INTO prices VALUES (1, 2, 3
