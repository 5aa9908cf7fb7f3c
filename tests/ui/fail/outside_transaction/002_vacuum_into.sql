vacuum main into 'copy.db';
