"""Bulk import and export: tables as CSV or Parquet files, in and out."""
