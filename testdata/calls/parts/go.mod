module example.com/parts
