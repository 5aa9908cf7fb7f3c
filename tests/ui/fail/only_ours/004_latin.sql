INSERT INTO orders VALUES ('ä');
