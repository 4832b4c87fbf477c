"""What several tests need: repositories, lists, agents, servers, twins, oracles."""
