"""Pre-check opinions on sites (项目选址预检意见) as a Word document."""

from spatialplan.reports.opinions.document import write_opinions

__all__ = ["write_opinions"]
