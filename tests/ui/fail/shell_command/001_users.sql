CREATE TABLE users(id INTEGER PRIMARY KEY);
.mode csv
.import users.csv users
