-- migrate: transactional
CREATE TABLE orders(id INTEGER PRIMARY KEY);
