not even SQL
