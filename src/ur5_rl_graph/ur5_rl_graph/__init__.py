"""What the graph agrees on: topics, data, parameters and the one main()."""
