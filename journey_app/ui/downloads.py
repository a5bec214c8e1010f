"""What leaves the app as a file: cells that no spreadsheet will run, charts as pictures."""

from journey_app.share.tables import as_csv as as_csv
from journey_app.share.tables import csv_cell as csv_cell
