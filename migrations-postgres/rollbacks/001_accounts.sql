DROP TABLE accounts.users;
DROP TABLE accounts.organizations;
DROP SCHEMA accounts;
