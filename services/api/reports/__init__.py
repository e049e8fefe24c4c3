"""Reports: one file each, one line here."""

from services.api.reports import monthly
from services.api.reports.report import Report

REPORTS: dict[str, Report] = {one.slug: one for one in (monthly.REPORT,)}
