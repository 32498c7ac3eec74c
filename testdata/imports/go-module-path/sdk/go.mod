module example.com/acme/agent/v2/sdk
