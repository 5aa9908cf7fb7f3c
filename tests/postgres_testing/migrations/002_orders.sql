CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL REFERENCES users);
CREATE INDEX orders_user_id ON orders (user_id);
-- migrate:down
DROP TABLE orders;
