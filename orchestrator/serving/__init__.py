"""The backlog for MCP clients (docs/contract.md, section 15): what the tools answer, what they change, the server."""
