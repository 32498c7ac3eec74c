module example.com/acme/agent/v2

go 1.24
