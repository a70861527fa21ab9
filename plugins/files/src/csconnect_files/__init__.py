"""csconnect connector for CSV and Parquet files."""
