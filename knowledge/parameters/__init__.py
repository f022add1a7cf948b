"""Dated figures with their source: wages, rates, ages, deadlines. One YAML file a field."""

from __future__ import annotations

from knowledge.parameters.parameter import Parameter, ParameterError, Value, load

__all__ = ["Parameter", "ParameterError", "Value", "load"]
