"""What Leeroy answers by HTTP. Each view verifies, parses, puts, answers; nothing more."""
