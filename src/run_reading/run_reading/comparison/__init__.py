"""Runs compared as the thesis does: figures, their pictures, one page."""
