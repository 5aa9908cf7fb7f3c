-- The users.
/* TODO */
