"""How well questions are found: sets of questions with gold clauses, and their scores."""

from knowledge.evaluation.scoring import Outcome, Score, ask, score
from knowledge.evaluation.sets import Question, SetUnreadable, read

__all__ = ["Outcome", "Question", "Score", "SetUnreadable", "ask", "read", "score"]
