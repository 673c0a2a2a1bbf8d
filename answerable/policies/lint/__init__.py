"""Reads a policy that anybody wrote and says which of the 48 points it holds, holds weakly, or lacks. Pure."""
