"""How do rows become a workbook that people can share, and that runs nothing?"""

from journey_app.share.tables import as_xlsx as as_xlsx
