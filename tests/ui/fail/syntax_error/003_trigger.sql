CREATE TRIGGER r AFTER INSERT ON orders
BEGIN
	UPDATE orders SET price = 0 WERE id = new.id;
END;
