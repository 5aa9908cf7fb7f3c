CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.changed_at := now();
  RETURN NEW;
END
$Body$;
