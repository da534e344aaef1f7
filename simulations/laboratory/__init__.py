"""The systems around the reward, one command each: `scoring-theory simulate NAME`."""
