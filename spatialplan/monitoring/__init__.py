"""The job behind ``spatialplan monitor``."""

from spatialplan.monitoring.job import monitor_plan
from spatialplan.monitoring.results import Filtered, LedgerRun, Monitoring

__all__ = ["Filtered", "LedgerRun", "Monitoring", "monitor_plan"]
