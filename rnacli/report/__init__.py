"""A page of HTML on a run or several: what was asked for, what came of it, and how to do it again."""
